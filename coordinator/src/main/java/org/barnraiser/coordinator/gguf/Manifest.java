package org.barnraiser.coordinator.gguf;

import com.google.common.primitives.ImmutableLongArray;
import java.util.List;

/** The identity of a model, tensor by tensor. */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class Manifest {
    private final List<Entry> tensors;

    private Manifest(List<Entry> tensors) {
        this.tensors = tensors;
    }

    /** One tensor: what it is and where its bytes lie. */
    public record Entry(String name, GgmlType type, ImmutableLongArray shape, String sha256, long lengthBytes,
            int fileIndex, long offsetBytes) {}

    /** Hears how far the hashing has come. Called from several threads. */
    @FunctionalInterface
    public interface Progress {
        void hashed(long doneBytes, long totalBytes);
    }

    /** Hashes every tensor. Takes minutes for a large model. */
    public static Manifest of(ModelFile model) throws GgufException {
        return of(model, (_, _) -> {});
    }

    /** Hashes every tensor and tells how far it has come. */
    public static Manifest of(ModelFile model, Progress progress) throws GgufException {
        throw new UnsupportedOperationException("not yet " + model + progress);
    }

    public List<Entry> tensors() {
        return tensors;
    }

    /** sha256 of the manifest, 64 lower-case hex digits; the model's identity. */
    public String digest() {
        throw new UnsupportedOperationException();
    }
}
