package org.barnraiser.coordinator.library;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.download.DownloadException;
import org.barnraiser.coordinator.download.FileHead;
import org.barnraiser.coordinator.download.Progress;
import org.barnraiser.coordinator.download.RemoteFile;
import org.barnraiser.coordinator.download.WebClient;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.gguf.PassingTensors;
import org.barnraiser.coordinator.hash.Sha256;
import org.barnraiser.coordinator.library.StoredModel.StoredFile;

/**
 * Reads a model on a web server once and keeps only what it says of itself: of each file the header, in a file of the whole's length
 * whose weights are a hole, and the sha256 of every tensor, by which workers know what they fetch from there.
 */
final class Survey implements AutoCloseable {
    private final Path folder;
    private final WebClient web;
    private final Sources sources;
    private final Progress progress;
    private final List<FileHead> heads = new ArrayList<>();
    private final List<RemoteFile> files = new ArrayList<>();

    /** @param folder where the headers are to be; empty */
    Survey(Path folder, WebClient web, Sources sources, Progress progress) {
        this.folder = folder;
        this.web = web;
        this.sources = sources;
        this.progress = progress;
    }

    /** Fetches the headers, in split order; blocks. */
    void fetchHeaders(List<RemoteFile> offered)
            throws LibraryException, DownloadException, IOException, InterruptedException {
        for (RemoteFile file : offered) {
            FileHead head = FileHead.open(web, file, sources.download(), folder.resolve(Intake.fileName(file)));
            heads.add(head);
            files.add(file);
            if (!head.hasRanges()) {
                throw new LibraryException(file.uri().getHost() + " does not give out parts of " + file.name()
                        + ", so workers cannot take theirs; leave --no-copy out.");
            }
            if (head.totalBytes() != file.sizeBytes().orElse(head.totalBytes())) {
                throw new LibraryException(file.uri().getHost() + " has " + head.totalBytes() + " bytes of "
                        + file.name() + ", but " + file.sizeBytes().getAsLong()
                        + " were expected; choose another source.");
            }
            ModelHeader.extend(head, file, folder.resolve(Intake.fileName(file)));
        }
    }

    /** What was learned. */
    record Findings(List<StoredFile> files, Manifest manifest) {}

    /** Has all files pass by; blocks for as long as a download takes. */
    Findings read(ModelFile model) throws LibraryException, DownloadException, IOException, InterruptedException {
        PassingTensors tensors = new PassingTensors(model);
        List<StoredFile> stored = new ArrayList<>();
        for (int index = 0; index < files.size(); index++) {
            RemoteFile file = files.get(index);
            int number = index;
            FileHead head = heads.get(index);
            Sha256 whole = new Sha256();
            head.pass((position, bytes) -> {
                whole.update(bytes, bytes.length);
                tensors.accept(number, position, bytes);
                progress.reached(file.name(), position + bytes.length, head.totalBytes());
            });
            String sha256 = whole.hex();
            if (!file.sha256().orElse(sha256).equals(sha256)) {
                throw new LibraryException(file.name() + " arrived damaged: its sha256 is " + sha256
                        + ", but should be " + file.sha256().orElseThrow()
                        + ". Nothing of it was kept; run the same command again, or choose another source.");
            }
            stored.add(new StoredFile(Intake.fileName(file), head.totalBytes(), sha256, file.uri().toString(),
                    isGated(file)));
        }
        return new Findings(stored, tensors.manifest());
    }

    /** Whether the server refuses who has no token. */
    private boolean isGated(RemoteFile file) throws DownloadException, InterruptedException {
        if (sources.token().isEmpty()) {
            return false;
        }
        try (WebClient nobody = WebClient.withoutToken()) {
            return nobody.refuses(file, sources.download());
        }
    }

    @Override
    public void close() throws IOException {
        for (FileHead head : heads) {
            head.close();
        }
    }
}
