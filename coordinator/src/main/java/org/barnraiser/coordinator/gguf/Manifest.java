package org.barnraiser.coordinator.gguf;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableLongArray;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.barnraiser.coordinator.gguf.GgufException.Kind;
import org.barnraiser.coordinator.hash.Sha256;

/**
 * The identity of a model, tensor by tensor.
 *
 * <p>The canonical form is text, one line for each tensor and each metadata value that can change what is computed (all but
 * {@code general.*} and {@code split.*}), sorted by their last word, each ended by a line feed:
 *
 * <pre>
 * barnraiser-manifest 1
 * metadata TYPE SHA256 KEY        sha256 of the encoded value, for an array of its elements
 * tensor TYPE DIMxDIMx… SHA256 NAME
 * </pre>
 *
 * <p>So a model and the same model split over several files have the same identity.
 */
public final class Manifest {
    private final ImmutableMap<String, Entry> tensors;
    private final ImmutableMap<String, MetadataEntry> metadata;
    private final String text;
    private final String digest;

    private Manifest(Map<String, Entry> tensors, Map<String, MetadataEntry> metadata) {
        this.tensors = ImmutableMap.copyOf(tensors);
        this.metadata = ImmutableMap.copyOf(metadata);
        this.text = canonicalText();
        this.digest = Sha256.of(text);
    }

    /** One tensor: what it is and where its bytes lie. */
    public record Entry(String name, GgmlType type, ImmutableLongArray shape, String sha256, long lengthBytes,
            int fileIndex, long offsetBytes) {}

    /** One metadata value; offset and length are those of an array's elements in the first file, 0 for other values. */
    public record MetadataEntry(String key, ValueType type, String sha256, long lengthBytes, long offsetBytes) {}

    /** Hears how far the hashing has come. Called from several threads. */
    @FunctionalInterface
    public interface Progress {
        void hashed(long doneBytes, long totalBytes);
    }

    /** Hashes every tensor. Takes minutes for a large model. */
    public static Manifest of(ModelFile model) throws GgufException {
        return of(model, (_, _) -> {});
    }

    /** Hashes every tensor on all processors and tells how far it has come. */
    public static Manifest of(ModelFile model, Progress progress) throws GgufException {
        long total = model.tensors().stream().mapToLong(TensorInfo::lengthBytes).sum();
        AtomicLong done = new AtomicLong();
        LongConsumer step = bytes -> progress.hashed(done.addAndGet(bytes), total);
        Map<String, Future<String>> hashes = new TreeMap<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors(),
                Thread.ofPlatform().name("manifest-", 0).daemon().factory())) {
            for (TensorInfo tensor : model.tensors()) {
                MemorySegment bytes = model.bytes(tensor.fileIndex(), tensor.offsetBytes(), tensor.lengthBytes());
                hashes.put(tensor.name(), threads.submit(() -> Sha256.of(bytes, step)));
            }
        }
        Map<String, String> finished = new TreeMap<>();
        for (Map.Entry<String, Future<String>> hash : hashes.entrySet()) {
            finished.put(hash.getKey(), result(model, hash.getKey(), hash.getValue()));
        }
        return of(model, finished);
    }

    /** The sha256 of each tensor by name, as the lines of a manifest's canonical form say; other lines are passed over. */
    public static Map<String, String> tensorHashes(List<String> lines) {
        Map<String, String> hashes = new TreeMap<>();
        for (String line : lines) {
            String[] words = line.split(" ", 5);
            if (words[0].equals("tensor") && words.length == 5) {
                hashes.put(words[4], words[3]);
            }
        }
        return hashes;
    }

    /**
     * The manifest of a model whose tensors have been hashed before.
     *
     * @param lines a canonical form
     * @throws GgufException when these are not the lines of this model
     */
    public static Manifest known(ModelFile model, List<String> lines) throws GgufException {
        Map<String, String> hashes = tensorHashes(lines);
        if (model.tensors().stream().allMatch(tensor -> hashes.containsKey(tensor.name()))) {
            Manifest manifest = of(model, hashes);
            if (manifest.text().equals(String.join("\n", lines) + "\n")) {
                return manifest;
            }
        }
        throw new GgufException(Kind.BAD_MODEL,
                "%s: its manifest is another model's, or damaged; remove the model and add it again.".formatted(model));
    }

    /** Puts together a manifest whose tensors have been hashed. */
    static Manifest of(ModelFile model, Map<String, String> hashes) {
        Map<String, Entry> tensors = new TreeMap<>();
        for (TensorInfo tensor : model.tensors()) {
            String hash = hashes.get(tensor.name());
            if (hash == null) {
                throw new IllegalArgumentException("no hash for tensor " + tensor.name());
            }
            tensors.put(tensor.name(),
                    new Entry(tensor.name(), tensor.type(), tensor.shape(), hash, tensor.lengthBytes(),
                            tensor.fileIndex(), tensor.offsetBytes()));
        }
        Map<String, MetadataEntry> metadata = new TreeMap<>();
        model.metadata().values().forEach((key, value) -> {
            if (!key.startsWith("general.") && !key.startsWith("split.")) {
                metadata.put(key, metadataEntry(model, key, value));
            }
        });
        return new Manifest(tensors, metadata);
    }

    /** Every tensor, by name. */
    public List<Entry> tensors() {
        return tensors.values().asList();
    }

    public Optional<Entry> tensor(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /** Every metadata value that counts, by key. */
    public List<MetadataEntry> metadata() {
        return metadata.values().asList();
    }

    Optional<MetadataEntry> metadata(String key) {
        return Optional.ofNullable(metadata.get(key));
    }

    /** sha256 of the canonical form, 64 lower-case hex digits; the model's identity. */
    public String digest() {
        return digest;
    }

    /** The canonical form. */
    public String text() {
        return text;
    }

    private String canonicalText() {
        List<String> lines = new ArrayList<>();
        lines.add("barnraiser-manifest 1");
        metadata.values().forEach(
                value -> lines.add(String.join(" ", "metadata", value.type().toString(), value.sha256(), value.key())));
        tensors.values().forEach(tensor -> lines.add(String.join(" ", "tensor", tensor.type().name(),
                String.join("x", tensor.shape().stream().mapToObj(Long::toString).toList()), tensor.sha256(),
                tensor.name())));
        return String.join("\n", lines) + "\n";
    }

    private static MetadataEntry metadataEntry(ModelFile model, String key, MetadataValue value) {
        if (value instanceof MetadataValue.Array(MetadataArray elements)) {
            MemorySegment encoded = elements.encoded();
            long offset = encoded.address() - model.bytes(0, 0, 0).address();
            return new MetadataEntry(key, value.type(), Sha256.of(encoded), encoded.byteSize(), offset);
        }
        List<HeaderPart> encoded = new HeaderEncoder().value(key, value).parts();
        return new MetadataEntry(key, value.type(), Sha256.of(encoded.getFirst().bytes()), 0, 0);
    }

    private static String result(ModelFile model, String tensor, Future<String> hash) throws GgufException {
        try {
            return hash.get();
        } catch (ExecutionException e) {
            throw new GgufException(Kind.UNREADABLE,
                    "%s: tensor %s cannot be read; the file has changed or its disk is failing.".formatted(model,
                            tensor),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GgufException(Kind.UNREADABLE, "%s: hashing was interrupted.".formatted(model), e);
        }
    }
}
