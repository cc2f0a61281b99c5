package org.barnraiser.coordinator.gguf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.coordinator.gguf.GgufException.Kind;

/**
 * A model: one GGUF or a split set, memory-mapped. Everything the file says of itself has been checked against the file, and layers,
 * vocabulary and token embedding against each other; {@link Architectures#check} checks the rest. Thread-safe until it is closed;
 * views handed out end with it.
 */
public final class ModelFile implements MappedFiles, AutoCloseable {
    static final String TOKEN_EMBEDDING = "token_embd.weight";
    static final String ARCHITECTURE_KEY = "general.architecture";

    private static final int MAX_EMBEDDING_LENGTH = 1 << 20;
    private static final int MAX_VOCABULARY = 1 << 24;

    private final Arena arena;
    private final List<GgufFile> files;
    private final Map<String, TensorInfo> tensors;
    private final Vocabulary vocabulary;
    private final String architecture;
    private final int blockCount;
    private final int layerCount;
    private final int embeddingLength;
    private final int contextLength;
    private final int vocabularySize;
    private final Optional<String> chatTemplate;
    private final String beginToken;
    private final String endToken;

    private ModelFile(Arena arena, List<GgufFile> files) throws GgufException {
        this.arena = arena;
        this.files = files;
        this.tensors = new LinkedHashMap<>();
        files.forEach(file -> file.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor)));
        this.architecture = metadata().text(ARCHITECTURE_KEY);
        if (!architecture.matches("[a-z0-9][a-z0-9._-]{0,63}")) {
            throw bad(ARCHITECTURE_KEY + " is not the name of an architecture");
        }
        this.blockCount = metadata().whole(key("block_count"), 1, GgufFormat.MAX_LAYERS);
        this.layerCount = blockCount - metadata().whole(key("nextn_predict_layers"), 0, blockCount - 1, 0);
        this.embeddingLength = metadata().whole(key("embedding_length"), 1, MAX_EMBEDDING_LENGTH);
        this.contextLength = metadata().whole(key("context_length"), 1, Integer.MAX_VALUE);
        this.vocabularySize = checkedEmbeddingRows();
        checkLayerNumbers();
        this.vocabulary = new Vocabulary(fileName(), metadata());
        vocabulary.check(vocabularySize);
        this.chatTemplate = metadata().findText("tokenizer.chat_template");
        this.beginToken = vocabulary.specialToken("tokenizer.ggml.bos_token_id");
        this.endToken = vocabulary.specialToken("tokenizer.ggml.eos_token_id");
    }

    /**
     * Opens a model; any member of a split set stands for the whole.
     *
     * @throws GgufException when a file is missing, damaged, hostile, or no language model
     */
    public static ModelFile open(Path path) throws GgufException {
        Arena arena = Arena.ofShared();
        boolean opened = false;
        try {
            ModelFile model = new ModelFile(arena, SplitSet.open(path, arena));
            opened = true;
            return model;
        } catch (InternalError e) {
            // The JVM reports a page of a map that cannot be read, as when the file shrinks meanwhile, in this way.
            throw new GgufException(Kind.UNREADABLE,
                    "%s: the file changed while it was read; try again when it is complete.".formatted(path), e);
        } finally {
            if (!opened) {
                arena.close();
            }
        }
    }

    /** The files, in split order. */
    public List<Path> files() {
        return files.stream().map(GgufFile::path).toList();
    }

    /** {@code general.name}, or the file's name without its ending. */
    public String name() {
        return said("general.name").orElseGet(() -> fileName().replaceFirst("(-\\d{5}-of-\\d{5})?\\.gguf$", ""));
    }

    /** {@code general.license}; empty means that nobody says, not that there is none. */
    public Optional<String> license() {
        return said("general.license");
    }

    private Optional<String> said(String key) {
        return metadata().find(key).filter(MetadataValue.Text.class::isInstance)
                .map(value -> ((MetadataValue.Text) value).value()).filter(text -> !text.isBlank());
    }

    /** {@code general.architecture}. */
    public String architecture() {
        return architecture;
    }

    /** The metadata of the first file. */
    public Metadata metadata() {
        return files.getFirst().metadata();
    }

    /** All tensors of all files. */
    public List<TensorInfo> tensors() {
        return List.copyOf(tensors.values());
    }

    public Optional<TensorInfo> tensor(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /** Layers that compute; extra blocks that only predict drafts ({@code nextn_predict_layers}) follow them and are not counted. */
    public int layerCount() {
        return layerCount;
    }

    /** n_embd: the width of hidden states. */
    public int embeddingLength() {
        return embeddingLength;
    }

    /** Number of tokens. */
    public int vocabularySize() {
        return vocabularySize;
    }

    /** Positions the model was trained for. */
    public int contextLength() {
        return contextLength;
    }

    /** How the model pools hidden states into an embedding, its {@code pooling_type}. */
    public Pooling pooling() {
        return Pooling.of(metadata().values().get(key("pooling_type")));
    }

    /** {@code tokenizer.chat_template}; hostile input. */
    public Optional<String> chatTemplate() {
        return chatTemplate;
    }

    /** Text of the start token, empty if there is none. */
    public String beginToken() {
        return beginToken;
    }

    /** Text of the end token, empty if there is none. */
    public String endToken() {
        return endToken;
    }

    @Override
    public MemorySegment bytes(int fileIndex, long offsetBytes, long lengthBytes) {
        return files.get(fileIndex).map().asSlice(offsetBytes, lengthBytes);
    }

    @Override
    public void close() {
        arena.close();
    }

    @Override
    public String toString() {
        return fileName();
    }

    /** The name of the first file, for messages. */
    String fileName() {
        return files.getFirst().path().getFileName().toString();
    }

    /** The key of a hyper-parameter of this architecture. */
    String key(String hyperparameter) {
        return architecture + "." + hyperparameter;
    }

    /** Layers and extra blocks. */
    int blockCount() {
        return blockCount;
    }

    /**
     * Why this model cannot guess tokens for another one, because its tokens mean something else, in words; empty when they mean the
     * same.
     */
    public Optional<String> vocabularyDifference(ModelFile other) throws GgufException {
        return other.vocabulary.difference(vocabulary);
    }

    Vocabulary vocabulary() {
        return vocabulary;
    }

    private int checkedEmbeddingRows() throws GgufException {
        TensorInfo embedding = tensor(TOKEN_EMBEDDING)
                .orElseThrow(() -> bad("tensor " + TOKEN_EMBEDDING + " is missing"));
        if (embedding.shape().length() != 2 || embedding.columns() != embeddingLength
                || embedding.rows() > MAX_VOCABULARY) {
            throw bad("tensor %s has the shape %s, but must have rows of %d values and at most %d rows"
                    .formatted(TOKEN_EMBEDDING, embedding.shape(), embeddingLength, MAX_VOCABULARY));
        }
        return (int) embedding.rows();
    }

    /** llama.cpp makes room for {@code block_count} layers, so every one must be there and no other. */
    private void checkLayerNumbers() throws GgufException {
        BitSet present = new BitSet(blockCount);
        for (TensorInfo tensor : tensors.values()) {
            Optional<LayerTensors.Name> name = LayerTensors.parse(tensor.name());
            if (name.isPresent()) {
                if (name.get().layer() >= blockCount) {
                    throw bad("tensor %s belongs to a layer beyond the last, %d".formatted(tensor.name(),
                            blockCount - 1));
                }
                present.set(name.get().layer());
            }
        }
        if (present.nextClearBit(0) < layerCount) {
            throw bad("layer %d of %d has no tensors".formatted(present.nextClearBit(0), layerCount));
        }
    }

    private GgufException bad(String problem) {
        return new GgufException(Kind.BAD_MODEL, "%s: %s; get the file anew.".formatted(fileName(), problem));
    }
}
