package org.barnraiser.coordinator.library;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.barnraiser.coordinator.download.Progress;
import org.barnraiser.coordinator.gguf.GgufException;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.library.StoredModel.StoredFile;

/** Reads every byte of a stored model again and names what is not as it was. */
public final class Verification {
    private final ModelLibrary library;
    private final Progress progress;

    public Verification(ModelLibrary library, Progress progress) {
        this.library = library;
        this.progress = progress;
    }

    /**
     * Something that is not as it was.
     *
     * @param file the file it is in
     * @param part a tensor's name, or what else is damaged, in words
     */
    public record Damage(String file, String part) {}

    /** All damage; empty when every byte is as it was. Blocks while the disk is read. */
    public List<Damage> verify(StoredModel stored) throws LibraryException {
        Path folder = library.folder(stored);
        if (!stored.isHere()) {
            return header(stored, folder);
        }
        try {
            List<String> changed = new ArrayList<>();
            for (StoredFile file : stored.files()) {
                Path path = folder.resolve(file.name());
                if (!Files.isRegularFile(path)) {
                    return List.of(new Damage(file.name(), "the whole file, which is missing"));
                }
                if (Files.size(path) != file.sizeBytes()) {
                    return List.of(new Damage(file.name(), "its length: " + Files.size(path) + " instead of "
                            + file.sizeBytes() + " bytes"));
                }
                if (!FileHash.of(path, progress).equals(file.sha256())) {
                    changed.add(file.name());
                }
            }
            return changed.isEmpty() ? List.of() : locate(stored, changed);
        } catch (IOException e) {
            throw new LibraryException(stored.name() + " cannot be read: " + e.getMessage()
                    + "; its disk may be failing.", e);
        }
    }

    /** Of a model whose weights are elsewhere only what it says of itself can be damaged here. */
    private List<Damage> header(StoredModel stored, Path folder) {
        String file = stored.files().getFirst().name();
        try (ModelFile model = ModelFile.open(library.file(stored))) {
            Manifest manifest = Manifest.known(model, Files.readAllLines(folder.resolve(ModelLibrary.MANIFEST)));
            return manifest.digest().equals(stored.digest())
                    ? List.of()
                    : List.of(new Damage(file, "the header, or the manifest"));
        } catch (IOException e) {
            return List.of(new Damage(file, "the header: " + e.getMessage()));
        }
    }

    /** Finds the tensors that differ; what differs outside of all tensors is the header. */
    private List<Damage> locate(StoredModel stored, List<String> changed) throws IOException {
        Map<String, String> known = Manifest.tensorHashes(
                Files.readAllLines(library.folder(stored).resolve(ModelLibrary.MANIFEST)));
        List<Damage> damage = new ArrayList<>();
        try (ModelFile model = ModelFile.open(library.file(stored))) {
            Manifest now = Manifest.of(model,
                    (done, total) -> progress.reached("reading the tensors of " + stored.name(), done, total));
            for (Manifest.Entry tensor : now.tensors()) {
                if (!tensor.sha256().equals(known.getOrDefault(tensor.name(), ""))) {
                    damage.add(new Damage(stored.files().get(tensor.fileIndex()).name(), "tensor " + tensor.name()));
                }
            }
        } catch (GgufException e) {
            return changed.stream().map(file -> new Damage(file, "the header: " + e.getMessage())).toList();
        }
        for (String file : changed) {
            if (damage.stream().noneMatch(found -> found.file().equals(file))) {
                damage.add(new Damage(file, "the header, or bytes between tensors"));
            }
        }
        return damage;
    }
}
