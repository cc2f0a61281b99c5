package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.function.Function;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

/** A model's tokens and tokenizer. Safe for use by several threads, until the model is closed. */
public final class Vocabulary {
    /** Longer texts are refused. */
    public static final int MAX_TEXT_BYTES = 1 << 20;

    private static final int TYPE_NONE = 0;
    private static final int PIECE_BYTES = 256;
    /** Tokens that a tokenizer adds to those of the text: start, end, and a leading space. */
    private static final int ADDED_TOKENS = 8;

    private final LlamaFunctions llama;
    private final EngineLog log;
    private final SharedPointer model;
    private final MemorySegment vocab;
    private final int size;
    private final boolean hasTokenizer;

    Vocabulary(LlamaLibrary library, SharedPointer model) {
        this.llama = library.llama();
        this.log = library.log();
        this.model = model;
        this.vocab = llama.modelGetVocab(model.get());
        this.size = llama.vocabNTokens(vocab);
        this.hasTokenizer = llama.vocabType(vocab) != TYPE_NONE;
    }

    /** Number of tokens, which is also that of logits per row. */
    public int size() {
        return size;
    }

    /** Whether there are texts to the tokens; head and middle shards have none. */
    public boolean hasTokenizer() {
        return hasTokenizer;
    }

    /**
     * Turns text into tokens (llama_tokenize).
     *
     * @param addSpecial put the start (or end) token there if the model wants one
     * @param parseSpecial read names of control tokens in the text as such; never for text from readers
     */
    public int[] tokenize(String text, boolean addSpecial, boolean parseSpecial) throws TokenizationException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_TEXT_BYTES) {
            throw new TokenizationException("the text has " + bytes.length + " bytes; at most " + MAX_TEXT_BYTES
                    + " can be turned into tokens at once");
        }
        if (!hasTokenizer) {
            throw new TokenizationException("this model file has no tokenizer; ask the tail of the pipeline");
        }
        return TokenizerStack.call(text, () -> tokenize(bytes, addSpecial, parseSpecial));
    }

    private int[] tokenize(byte[] text, boolean addSpecial, boolean parseSpecial) {
        int maxTokens = text.length + ADDED_TOKENS;
        return withModel(arena -> {
            MemorySegment tokens = arena.allocate(JAVA_INT, maxTokens);
            MemorySegment input = arena.allocateFrom(JAVA_BYTE, text);
            int count = log.quietly(
                    () -> llama.tokenize(vocab, input, text.length, tokens, maxTokens, addSpecial, parseSpecial));
            if (count < 0) {
                throw new IllegalStateException("llama_tokenize wants more tokens than the text has bytes");
            }
            return tokens.asSlice(0, count * JAVA_INT.byteSize()).toArray(JAVA_INT);
        });
    }

    /** The token's text, which may be a part of a UTF-8 character; empty for control tokens. */
    public byte[] piece(int token) {
        return piece(token, false);
    }

    /**
     * The token's text, which may be a part of a UTF-8 character (llama_token_to_piece).
     *
     * @param special give the names of control tokens instead of nothing
     */
    public byte[] piece(int token, boolean special) {
        requireToken(token);
        if (!hasTokenizer) {
            return new byte[0];
        }
        return withModel(arena -> {
            MemorySegment buffer = arena.allocate(JAVA_BYTE, PIECE_BYTES);
            int length = llama.tokenToPiece(vocab, token, buffer, PIECE_BYTES, 0, special);
            if (length < 0) {
                buffer = arena.allocate(JAVA_BYTE, -length);
                length = llama.tokenToPiece(vocab, token, buffer, -length, 0, special);
            }
            return buffer.asSlice(0, length).toArray(JAVA_BYTE);
        });
    }

    /** Whether the model ends its answer with this token. */
    public boolean isEndOfGeneration(int token) {
        requireToken(token);
        return withModel(_ -> llama.vocabIsEog(vocab, token));
    }

    /** Whether the token is a control token, such as the start of a turn. */
    public boolean isControl(int token) {
        requireToken(token);
        return hasTokenizer && withModel(_ -> llama.vocabIsControl(vocab, token));
    }

    /** The start token, if the model has one. */
    public OptionalInt beginToken() {
        return optionalToken(withModel(_ -> llama.vocabBos(vocab)));
    }

    /** The end token, if the model has one. */
    public OptionalInt endToken() {
        return optionalToken(withModel(_ -> llama.vocabEos(vocab)));
    }

    /** Whether the model wants its start token before every prompt. */
    public boolean addsBeginToken() {
        return withModel(_ -> llama.vocabGetAddBos(vocab));
    }

    MemorySegment pointer() {
        return vocab;
    }

    boolean contains(int token) {
        return token >= 0 && token < size;
    }

    private void requireToken(int token) {
        if (!contains(token)) {
            throw new IllegalArgumentException("token " + token + " is not one of the model's " + size);
        }
    }

    private static OptionalInt optionalToken(int token) {
        return token < 0 ? OptionalInt.empty() : OptionalInt.of(token);
    }

    /** Keeps the model alive during a call, and gives it memory. */
    private <T> T withModel(Function<Arena, T> call) {
        model.retain();
        try (Arena arena = Arena.ofConfined()) {
            return call.apply(arena);
        } finally {
            model.release();
        }
    }
}
