package org.barnraiser.coordinator.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.barnraiser.coordinator.gguf.GgufException.Kind;

/**
 * The tokenizer's metadata, checked for what llama.cpp takes on trust: it casts arrays without looking at their type, indexes them by
 * token, reads numbers out of byte tokens and aborts the process on two tokens of the same text.
 */
final class Vocabulary {
    static final String MODEL_KEY = "tokenizer.ggml.model";
    static final String TOKENS_KEY = "tokenizer.ggml.tokens";
    static final String NO_VOCABULARY = "no_vocab";

    private static final String SCORES_KEY = "tokenizer.ggml.scores";
    private static final String TYPES_KEY = "tokenizer.ggml.token_type";
    private static final String MERGES_KEY = "tokenizer.ggml.merges";
    /** Tokens with which texts begin and end. */
    private static final List<String> SPECIAL_KEYS = List.of("tokenizer.ggml.bos_token_id",
            "tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id");
    /** {@code LLAMA_TOKEN_TYPE_BYTE}. */
    private static final int BYTE_TOKEN = 6;

    private final String fileName;
    private final Metadata metadata;

    Vocabulary(String fileName, Metadata metadata) {
        this.fileName = fileName;
        this.metadata = metadata;
    }

    /** The kind of tokenizer: {@code llama} (SentencePiece), {@code gpt2} (byte pairs), {@code no_vocab}, … */
    String model() throws GgufException {
        return metadata.text(MODEL_KEY);
    }

    /** Refuses a vocabulary that does not hold exactly one well-formed token for each of {@code size} rows of the token embedding. */
    void check(int size) throws GgufException {
        if (model().equals(NO_VOCABULARY)) {
            return;
        }
        MetadataArray tokens = array(TOKENS_KEY, ValueType.STRING, size)
                .orElseThrow(() -> bad(TOKENS_KEY + " is missing"));
        array(SCORES_KEY, ValueType.FLOAT32, size);
        Optional<MetadataArray> types = array(TYPES_KEY, ValueType.INT32, size);
        Optional<MetadataArray> merges = metadata.findArray(MERGES_KEY);
        if (merges.isPresent() && merges.get().elementType() != ValueType.STRING) {
            throw bad("%s is an array of %s, but must be one of strings".formatted(MERGES_KEY,
                    merges.get().elementType()));
        }
        checkDistinct(tokens);
        checkByteTokens(tokens, types);
    }

    /** The text of the token that a key such as {@code tokenizer.ggml.bos_token_id} names, empty if there is none. */
    String specialToken(String key) throws GgufException {
        OptionalLong token = metadata.findWhole(key);
        Optional<MetadataArray> tokens = metadata.findArray(TOKENS_KEY);
        boolean known = token.isPresent() && tokens.isPresent() && token.getAsLong() >= 0
                && token.getAsLong() < tokens.get().size();
        return known ? tokens.get().text((int) token.getAsLong()) : "";
    }

    /** Why a token does not mean the same in another vocabulary, in words; empty when all do. */
    Optional<String> difference(Vocabulary other) throws GgufException {
        if (!model().equals(other.model())) {
            return Optional.of("its tokenizer is of the kind " + other.model() + ", not " + model());
        }
        List<MetadataArray> own = tokens();
        List<MetadataArray> others = other.tokens();
        if (own.isEmpty() || others.isEmpty()) {
            return Optional.of("a vocabulary is missing");
        }
        if (own.getFirst().size() != others.getFirst().size()) {
            return Optional.of("it has %d tokens, not %d".formatted(others.getFirst().size(), own.getFirst().size()));
        }
        Iterator<MetadataValue> theirs = others.getFirst().iterator();
        int index = 0;
        for (MetadataValue token : own.getFirst()) {
            if (((MetadataValue.Text) token).utf8().mismatch(((MetadataValue.Text) theirs.next()).utf8()) != -1) {
                return Optional.of("token %d has another text".formatted(index));
            }
            index++;
        }
        for (String key : SPECIAL_KEYS) {
            if (!metadata.findWhole(key).equals(other.metadata.findWhole(key))) {
                return Optional.of(key + " is another token");
            }
        }
        return own.size() == others.size() && own.getLast().encoded().mismatch(others.getLast().encoded()) == -1
                ? Optional.empty()
                : Optional.of("its tokens are of other types");
    }

    /** Their texts, and their types where the file has them. */
    private List<MetadataArray> tokens() throws GgufException {
        return Stream.of(metadata.findArray(TOKENS_KEY), metadata.findArray(TYPES_KEY)).flatMap(Optional::stream)
                .toList();
    }

    private Optional<MetadataArray> array(String key, ValueType elementType, int size) throws GgufException {
        Optional<MetadataArray> array = metadata.findArray(key);
        if (array.isPresent() && (array.get().elementType() != elementType || array.get().size() != size)) {
            throw bad("%s holds %s, but must hold %d x %s, one for each row of the token embedding".formatted(key,
                    array.get(), size, elementType));
        }
        return array;
    }

    /** By 64-bit hashes: equal texts are always found, and 256,000 tokens cost 2 MB instead of 40. */
    private void checkDistinct(MetadataArray tokens) throws GgufException {
        long[] hashes = new long[tokens.size()];
        int index = 0;
        for (MetadataValue token : tokens) {
            hashes[index++] = hash(((MetadataValue.Text) token).utf8());
        }
        Arrays.sort(hashes);
        for (int i = 1; i < hashes.length; i++) {
            if (hashes[i] == hashes[i - 1]) {
                throw bad(TOKENS_KEY + " holds two tokens of the same text");
            }
        }
    }

    /** FNV-1a. */
    private static long hash(MemorySegment bytes) {
        long hash = 0xcbf29ce484222325L;
        for (long i = 0; i < bytes.byteSize(); i++) {
            hash = (hash ^ Byte.toUnsignedLong(bytes.get(ValueLayout.JAVA_BYTE, i))) * 0x100000001b3L;
        }
        return hash;
    }

    /**
     * Tokens that stand for one byte must be written {@code <0xNN>}. A SentencePiece vocabulary needs one for every byte that is not a
     * token by itself: llama.cpp ends the process when a text needs a byte that is not there.
     */
    private void checkByteTokens(MetadataArray tokens, Optional<MetadataArray> types) throws GgufException {
        BitSet bytes = new BitSet(256);
        int index = 0;
        for (MetadataValue value : tokens) {
            MemorySegment token = ((MetadataValue.Text) value).utf8();
            int byteValue = byteValue(token);
            if (types.isPresent() && types.get().whole(index) == BYTE_TOKEN && byteValue < 0) {
                throw bad("token %d stands for a byte, but is not written <0xNN>".formatted(index));
            }
            if (byteValue >= 0) {
                bytes.set(byteValue);
            } else if (token.byteSize() == 1) {
                bytes.set(Byte.toUnsignedInt(token.get(ValueLayout.JAVA_BYTE, 0)));
            }
            index++;
        }
        if (model().equals("llama") && bytes.cardinality() < 256) {
            throw bad("the vocabulary has no token for the byte 0x%02X, so some texts could not be read"
                    .formatted(bytes.nextClearBit(0)));
        }
    }

    /** The byte that a token written {@code <0xNN>} stands for, or -1. */
    private static int byteValue(MemorySegment token) {
        if (token.byteSize() != 6 || token.get(ValueLayout.JAVA_BYTE, 0) != '<'
                || token.get(ValueLayout.JAVA_BYTE, 1) != '0'
                || token.get(ValueLayout.JAVA_BYTE, 2) != 'x' || token.get(ValueLayout.JAVA_BYTE, 5) != '>') {
            return -1;
        }
        int high = hexDigit(token.get(ValueLayout.JAVA_BYTE, 3));
        int low = hexDigit(token.get(ValueLayout.JAVA_BYTE, 4));
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private static int hexDigit(byte character) {
        return character >= 'a' ? -1 : Character.digit(character, 16);
    }

    private GgufException bad(String problem) {
        return new GgufException(Kind.BAD_MODEL, "%s: %s; get the file anew.".formatted(fileName, problem));
    }
}
