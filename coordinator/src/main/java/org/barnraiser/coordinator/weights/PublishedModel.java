package org.barnraiser.coordinator.weights;

import com.google.common.collect.ImmutableMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.barnraiser.coordinator.download.RemoteFile;
import org.barnraiser.coordinator.download.WebClient;
import org.barnraiser.coordinator.gguf.AdapterFile;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.MappedFiles;
import org.barnraiser.coordinator.gguf.ModelFile;

/** The byte ranges of a model that may be read, by sha256. */
final class PublishedModel {
    private final ImmutableMap<String, Range> pieces;

    private PublishedModel(Map<String, Range> pieces) {
        this.pieces = ImmutableMap.copyOf(pieces);
    }

    /** The data of every tensor, and the elements of every array of the metadata. */
    static PublishedModel of(ModelFile model, Manifest manifest) {
        return of(model, manifest,
                tensor -> new Here(model, tensor.fileIndex(), tensor.offsetBytes(), tensor.lengthBytes()));
    }

    /** The data of every tensor of an adapter. */
    static PublishedModel of(AdapterFile adapter) {
        Map<String, Range> pieces = new HashMap<>();
        for (Manifest.Entry tensor : adapter.tensors()) {
            pieces.put(tensor.sha256(), new Here(adapter, 0, tensor.offsetBytes(), tensor.lengthBytes()));
        }
        return new PublishedModel(pieces);
    }

    /** The same of a model whose weights are on web servers. */
    static PublishedModel of(ModelFile model, Manifest manifest, WebClient web, List<RemoteFile> files) {
        return of(model, manifest, tensor -> new There(web, files.get(tensor.fileIndex()), tensor.offsetBytes(),
                tensor.lengthBytes()));
    }

    private static PublishedModel of(ModelFile model, Manifest manifest, Function<Manifest.Entry, Range> weights) {
        Map<String, Range> pieces = new HashMap<>();
        for (Manifest.Entry tensor : manifest.tensors()) {
            pieces.put(tensor.sha256(), weights.apply(tensor));
        }
        for (Manifest.MetadataEntry value : manifest.metadata()) {
            if (value.offsetBytes() > 0) {
                pieces.put(value.sha256(), new Here(model, 0, value.offsetBytes(), value.lengthBytes()));
            }
        }
        return new PublishedModel(pieces);
    }

    Optional<Range> piece(String sha256) {
        return Optional.ofNullable(pieces.get(sha256));
    }

    /** Whether all of it is on this machine's disk. */
    boolean isHere() {
        return pieces.values().stream().allMatch(Here.class::isInstance);
    }

    /** The sha256 of every piece. */
    Stream<String> pieces() {
        return pieces.keySet().stream();
    }

    /** A range of bytes of one of the model's files. */
    sealed interface Range {
        long lengthBytes();

        Range part(long offset, long length);

        PieceBytes open();
    }

    /** One in a file that is here. */
    record Here(MappedFiles model, int fileIndex, long offsetBytes, long lengthBytes) implements Range {
        @Override
        public Range part(long offset, long length) {
            return new Here(model, fileIndex, offsetBytes + offset, length);
        }

        @Override
        public PieceBytes open() {
            return new MappedBytes(model, fileIndex, offsetBytes);
        }
    }

    /** One in a file on a web server. */
    record There(WebClient web, RemoteFile file, long offsetBytes, long lengthBytes) implements Range {
        @Override
        public Range part(long offset, long length) {
            return new There(web, file, offsetBytes + offset, length);
        }

        @Override
        public PieceBytes open() {
            return new PassingBytes(web, file, offsetBytes, lengthBytes);
        }
    }
}
