package org.barnraiser.coordinator.gguf;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A model: one GGUF or a split set, memory-mapped and fully validated. Thread-safe until it is closed. */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class ModelFile implements AutoCloseable {

    private ModelFile() {
    }

    /** Opens a model; any member of a split set stands for the whole. */
    public static ModelFile open(Path path) throws GgufException {
        throw new UnsupportedOperationException("not yet " + path);
    }

    /** The files, in split order. */
    public List<Path> files() {
        throw new UnsupportedOperationException();
    }

    /** {@code general.name}, or the file's name without its ending. */
    public String name() {
        throw new UnsupportedOperationException();
    }

    /** {@code general.architecture}. */
    public String architecture() {
        throw new UnsupportedOperationException();
    }

    /** The metadata of the first file. */
    public Metadata metadata() {
        throw new UnsupportedOperationException();
    }

    /** All tensors of all files. */
    public List<TensorInfo> tensors() {
        throw new UnsupportedOperationException();
    }

    public Optional<TensorInfo> tensor(String name) {
        throw new UnsupportedOperationException(name);
    }

    public int layerCount() {
        throw new UnsupportedOperationException();
    }

    /** n_embd: the width of hidden states. */
    public int embeddingLength() {
        throw new UnsupportedOperationException();
    }

    /** Number of tokens. */
    public int vocabularySize() {
        throw new UnsupportedOperationException();
    }

    /** Positions the model was trained for. */
    public int contextLength() {
        throw new UnsupportedOperationException();
    }

    /** {@code tokenizer.chat_template}; hostile input. */
    public Optional<String> chatTemplate() {
        throw new UnsupportedOperationException();
    }

    /** Text of the start token, empty if there is none. */
    public String beginToken() {
        throw new UnsupportedOperationException();
    }

    /** Text of the end token, empty if there is none. */
    public String endToken() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of one file, as a view into the map. */
    public MemorySegment bytes(int fileIndex, long offsetBytes, long lengthBytes) {
        throw new UnsupportedOperationException("not yet %d %d %d".formatted(fileIndex, offsetBytes, lengthBytes));
    }

    @Override
    public void close() {
    }
}
