package org.barnraiser.coordinator.gguf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.coordinator.gguf.GgufException.Kind;
import org.barnraiser.coordinator.hash.Sha256;

/**
 * Manifests on disk, so that a large model is hashed once. A manifest is found by path, size and time of change of the model's files; what
 * is found must still describe them exactly, or the model is hashed again.
 */
public final class ManifestCache {
    private final Path directory;

    /** @param directory made when it is missing */
    public ManifestCache(Path directory) {
        this.directory = directory;
    }

    /** The manifest, from the cache when the files have not changed since. */
    public Manifest manifestOf(ModelFile model, Manifest.Progress progress) throws GgufException {
        try {
            Path file = directory.resolve(Sha256.of(fingerprint(model)) + ".manifest");
            Optional<Manifest> cached = read(file, model);
            if (cached.isPresent()) {
                return cached.get();
            }
            Manifest manifest = Manifest.of(model, progress);
            write(file, manifest);
            return manifest;
        } catch (GgufException e) {
            throw e;
        } catch (IOException e) {
            throw new GgufException(Kind.UNREADABLE, "%s: the manifest cannot be kept in %s (%s); check the disk."
                    .formatted(model, directory, e.getMessage()), e);
        }
    }

    private static String fingerprint(ModelFile model) throws IOException {
        StringBuilder fingerprint = new StringBuilder();
        for (Path file : model.files()) {
            fingerprint.append(file.toRealPath()).append('\n').append(Files.size(file)).append(' ')
                    .append(Files.getLastModifiedTime(file)).append('\n');
        }
        return fingerprint.toString();
    }

    private static Optional<Manifest> read(Path file, ModelFile model) throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (UncheckedIOException | CharacterCodingException e) {
            return Optional.empty();
        }
        Map<String, String> hashes = Manifest.tensorHashes(lines);
        boolean complete = model.tensors().stream().allMatch(tensor -> hashes.containsKey(tensor.name()));
        if (!complete) {
            return Optional.empty();
        }
        // The file holds the canonical form and its digest: a bit that fell over in a hash shows in it.
        Manifest manifest = Manifest.of(model, hashes);
        return Optional.of(manifest).filter(found -> String.join("\n", lines).equals(found.text() + found.digest()));
    }

    private void write(Path file, Manifest manifest) throws IOException {
        Files.createDirectories(directory);
        Path unfinished = Files.createTempFile(directory, "manifest", ".unfinished");
        try {
            Files.writeString(unfinished, manifest.text() + manifest.digest() + "\n");
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }
}
