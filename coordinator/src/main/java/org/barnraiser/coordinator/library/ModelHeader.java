package org.barnraiser.coordinator.library;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.download.DownloadException;
import org.barnraiser.coordinator.download.DownloadSettings;
import org.barnraiser.coordinator.download.FileHead;
import org.barnraiser.coordinator.download.RemoteFile;
import org.barnraiser.coordinator.download.WebClient;
import org.barnraiser.coordinator.gguf.GgufException;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.gguf.PartialHeader;
import org.barnraiser.coordinator.library.ModelSource.HubRepository;
import org.barnraiser.coordinator.library.ModelSource.LocalFile;
import org.barnraiser.coordinator.library.ModelSource.WebFile;

/** What a model says of itself, wherever it is: of one elsewhere only the beginnings of its files are fetched, never its weights. */
public final class ModelHeader implements AutoCloseable {
    private static final long FIRST_BYTES = 1 << 20;
    private static final long MAX_HEADER_BYTES = 256 << 20;
    /** Who only asks does not wait for long. */
    private static final DownloadSettings PATIENCE = new DownloadSettings(1, 1 << 20, 3, Duration.ofSeconds(1),
            Duration.ofSeconds(5), Duration.ofSeconds(20));

    private final ModelFile model;
    private final Optional<Path> folder;

    private ModelHeader(ModelFile model, Optional<Path> folder) {
        this.model = model;
        this.folder = folder;
    }

    /** Reads it; blocks. What is fetched lies in a folder for temporary files until this is closed. */
    public static ModelHeader read(ModelSource source, Sources sources) throws LibraryException, InterruptedException {
        try {
            return switch (source) {
                case LocalFile(Path path) -> new ModelHeader(ModelFile.open(path), Optional.empty());
                case HubRepository repository -> {
                    try (WebClient web = sources.open()) {
                        yield fetch(new HubClient(sources.hub(), web).find(repository).files(), web);
                    }
                }
                case WebFile(var uri) -> {
                    try (WebClient web = sources.open()) {
                        yield fetch(List.of(RemoteFile.at(uri)), web);
                    }
                }
            };
        } catch (GgufException | DownloadException e) {
            throw new LibraryException(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new LibraryException("The model's header cannot be kept in the folder for temporary files: "
                    + e.getMessage() + ".", e);
        }
    }

    private static ModelHeader fetch(List<RemoteFile> files, WebClient web)
            throws LibraryException, DownloadException, IOException, InterruptedException {
        Path folder = Files.createTempDirectory("barnraiser-header");
        boolean kept = false;
        try {
            for (RemoteFile file : files) {
                fetch(file, folder.resolve(Intake.fileName(file)), web);
            }
            ModelFile model = ModelFile.open(folder.resolve(Intake.fileName(files.getFirst())));
            kept = true;
            return new ModelHeader(model, Optional.of(folder));
        } finally {
            if (!kept) {
                ModelLibrary.deleteAll(folder);
            }
        }
    }

    private static void fetch(RemoteFile file, Path target, WebClient web)
            throws LibraryException, DownloadException, IOException, InterruptedException {
        try (FileHead head = FileHead.open(web, file, PATIENCE, target)) {
            extend(head, file, target);
        }
    }

    /** Fetches until all that comes before the weights is here; blocks. */
    static void extend(FileHead head, RemoteFile file, Path target)
            throws LibraryException, DownloadException, IOException, InterruptedException {
        for (long bytes = FIRST_BYTES; bytes <= MAX_HEADER_BYTES; bytes *= 2) {
            head.extendTo(bytes);
            if (isWhole(target, head)) {
                return;
            }
        }
        throw new LibraryException(file.name() + " says nothing sensible in its first " + (MAX_HEADER_BYTES >> 20)
                + " MiB; it is damaged or no model.");
    }

    private static boolean isWhole(Path target, FileHead head) throws LibraryException {
        try {
            return PartialHeader.isWhole(target, head.presentBytes()) || head.presentBytes() == head.totalBytes();
        } catch (GgufException e) {
            throw new LibraryException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Valid until this is closed; its weights must not be read. */
    public ModelFile model() {
        return model;
    }

    @Override
    public void close() {
        model.close();
        folder.ifPresent(path -> {
            try {
                ModelLibrary.deleteAll(path);
            } catch (IOException _) {
                // The system clears its folder for temporary files itself.
            }
        });
    }
}
