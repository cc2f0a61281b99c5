package org.barnraiser.coordinator.weights;

import com.google.common.collect.ImmutableMap;
import com.google.protobuf.ByteString;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;

/** The byte ranges of a model that may be read, by sha256. */
final class PublishedModel {
    private final ImmutableMap<String, Range> pieces;

    private PublishedModel(Map<String, Range> pieces) {
        this.pieces = ImmutableMap.copyOf(pieces);
    }

    /** The data of every tensor, and the elements of every array of the metadata. */
    static PublishedModel of(ModelFile model, Manifest manifest) {
        Map<String, Range> pieces = new HashMap<>();
        for (Manifest.Entry tensor : manifest.tensors()) {
            pieces.put(tensor.sha256(),
                    new Range(model, tensor.fileIndex(), tensor.offsetBytes(), tensor.lengthBytes()));
        }
        for (Manifest.MetadataEntry value : manifest.metadata()) {
            if (value.offsetBytes() > 0) {
                pieces.put(value.sha256(), new Range(model, 0, value.offsetBytes(), value.lengthBytes()));
            }
        }
        return new PublishedModel(pieces);
    }

    Optional<Range> piece(String sha256) {
        return Optional.ofNullable(pieces.get(sha256));
    }

    /** The sha256 of every piece. */
    Stream<String> pieces() {
        return pieces.keySet().stream();
    }

    /** A range of bytes of one of the model's files. */
    record Range(ModelFile model, int fileIndex, long offsetBytes, long lengthBytes) {

        Range part(long offset, long length) {
            return new Range(model, fileIndex, offsetBytes + offset, length);
        }

        /**
         * Copies bytes out of the file.
         *
         * @throws IllegalStateException when the model has been closed
         * @throws InternalError when the file has been shortened
         */
        ByteString copy(long offset, int length) {
            return ByteString.copyFrom(model.bytes(fileIndex, offsetBytes + offset, length).asByteBuffer());
        }
    }
}
