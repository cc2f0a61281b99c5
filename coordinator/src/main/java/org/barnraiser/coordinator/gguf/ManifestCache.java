package org.barnraiser.coordinator.gguf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.barnraiser.coordinator.gguf.GgufException.Kind;
import org.barnraiser.coordinator.hash.Sha256;

/**
 * Manifests on disk, so that a large model is hashed once. A manifest is found by path, size and time of change of the model's files; what
 * is found must still describe them exactly, or the model is hashed again.
 */
public final class ManifestCache {
    private static final String MANIFEST = ".manifest";
    /** Which files a manifest is of. */
    private static final String FILES = ".files";

    private final Path directory;

    /** @param directory made when it is missing */
    public ManifestCache(Path directory) {
        this.directory = directory;
    }

    /** The manifest, from the cache when the files have not changed since. */
    public Manifest manifestOf(ModelFile model, Manifest.Progress progress) throws GgufException {
        try {
            String fingerprint = fingerprint(model.files());
            String name = Sha256.of(fingerprint);
            Path file = directory.resolve(name + MANIFEST);
            Optional<Manifest> cached = read(file, model);
            Manifest manifest = cached.isPresent() ? cached.get() : Manifest.of(model, progress);
            if (cached.isEmpty()) {
                write(file, manifest.text() + manifest.digest() + "\n");
            }
            Path files = directory.resolve(name + FILES);
            if (cached.isEmpty() || !Files.exists(files)) {
                write(files, manifest.digest() + "\n" + fingerprint);
            }
            return manifest;
        } catch (GgufException e) {
            throw e;
        } catch (IOException e) {
            throw new GgufException(Kind.UNREADABLE, "%s: the manifest cannot be kept in %s (%s); check the disk."
                    .formatted(model, directory, e.getMessage()), e);
        }
    }

    /** Whether the files of a model whose manifest was made here are still there, and unchanged. */
    public boolean hasFilesOf(String digest) {
        try (Stream<Path> notes = Files.list(directory)) {
            return notes.filter(note -> note.toString().endsWith(FILES)).anyMatch(note -> isOf(note, digest));
        } catch (IOException | UncheckedIOException _) {
            // What cannot be read is not here.
            return false;
        }
    }

    private static boolean isOf(Path note, String digest) {
        try {
            List<String> lines = Files.readAllLines(note);
            if (lines.isEmpty() || !lines.getFirst().equals(digest)) {
                return false;
            }
            List<Path> files = new ArrayList<>();
            for (int line = 1; line < lines.size(); line += 2) {
                files.add(Path.of(lines.get(line)));
            }
            return fingerprint(files).equals(String.join("\n", lines.subList(1, lines.size())) + "\n");
        } catch (IOException | InvalidPathException _) {
            // A file is gone, or the note is damaged.
            return false;
        }
    }

    private static String fingerprint(List<Path> files) throws IOException {
        StringBuilder fingerprint = new StringBuilder();
        for (Path file : files) {
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

    private void write(Path file, String text) throws IOException {
        Files.createDirectories(directory);
        Path unfinished = Files.createTempFile(directory, "manifest", ".unfinished");
        try {
            Files.writeString(unfinished, text);
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }
}
