package org.barnraiser.coordinator.library;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.download.ChangedFileException;
import org.barnraiser.coordinator.download.DownloadException;
import org.barnraiser.coordinator.download.FileHead;
import org.barnraiser.coordinator.download.Progress;
import org.barnraiser.coordinator.download.RemoteFile;
import org.barnraiser.coordinator.download.WebClient;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.gguf.PassingTensors;
import org.barnraiser.coordinator.hash.LastingSha256;
import org.barnraiser.coordinator.hash.Sha256;
import org.barnraiser.coordinator.library.StoredModel.StoredFile;
import org.barnraiser.coordinator.library.SurveyJournal.Reached;

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

    /** @param folder where the headers are to be, and the journal of an earlier attempt may be */
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
            // A process that was killed leaves its own behind.
            Files.deleteIfExists(folder.resolve(Intake.fileName(file)));
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

    /**
     * Has all files pass by, from where an earlier attempt in this folder ended; blocks for as long as a download takes. What has passed
     * is written down now and then, and at the end when it does not come to its end.
     */
    Findings read(ModelFile model) throws LibraryException, DownloadException, IOException, InterruptedException {
        SurveyJournal journal = SurveyJournal.in(folder, identity());
        PassingTensors tensors = new PassingTensors(model);
        try {
            Reached reached = journal.read();
            tensors.know(reached.tensors());
            List<String> whole = new ArrayList<>(reached.whole());
            while (whole.size() < files.size()) {
                boolean begun = whole.size() == reached.whole().size();
                String sha256 = pass(journal, tensors, whole, begun ? reached.position() : 0,
                        LastingSha256.from(begun ? reached.state() : SurveyJournal.begun()));
                requireExpected(files.get(whole.size()), sha256);
                whole.add(sha256);
            }
            List<StoredFile> stored = new ArrayList<>();
            for (int index = 0; index < files.size(); index++) {
                RemoteFile file = files.get(index);
                stored.add(new StoredFile(Intake.fileName(file), heads.get(index).totalBytes(), whole.get(index),
                        file.uri().toString(), isGated(file)));
            }
            journal.discard();
            return new Findings(stored, tensors.manifest());
        } catch (LibraryException | ChangedFileException e) {
            // It is not the file that was begun with.
            journal.discard();
            throw e;
        }
    }

    /** One file from a position on; returns its sha256. */
    private String pass(SurveyJournal journal, PassingTensors tensors, List<String> before, long from,
            LastingSha256 sha256) throws DownloadException, IOException, InterruptedException {
        int number = before.size();
        RemoteFile file = files.get(number);
        FileHead head = heads.get(number);
        Passage passage = new Passage(new Reached(before, from, sha256.state(), tensors.known()));
        try {
            head.pass(from, (position, bytes) -> {
                int settled = (int) Math.max(0, tensors.accept(number, position, bytes) - position);
                sha256.update(bytes, 0, settled);
                if (settled > 0) {
                    passage.reached = new Reached(before, position + settled, sha256.state(), tensors.known());
                }
                sha256.update(bytes, settled, bytes.length - settled);
                if (passage.reached.position() - passage.written.position() >= sources.download().chunkBytes()) {
                    passage.write(journal);
                }
                progress.reached(file.name(), position + bytes.length, head.totalBytes());
            });
            return sha256.hex();
        } catch (DownloadException | InterruptedException e) {
            passage.write(journal);
            throw e;
        }
    }

    /** How far one file has passed, and how much of that is written down. */
    private static final class Passage {
        private Reached reached;
        private Reached written;

        Passage(Reached reached) {
            this.reached = reached;
            written = reached;
        }

        void write(SurveyJournal journal) throws IOException {
            if (reached.position() > written.position() || !reached.whole().isEmpty()) {
                journal.write(reached);
                written = reached;
            }
        }
    }

    private static void requireExpected(RemoteFile file, String sha256) throws LibraryException {
        if (!file.sha256().orElse(sha256).equals(sha256)) {
            throw new LibraryException(file.name() + " arrived damaged: its sha256 is " + sha256 + ", but should be "
                    + file.sha256().orElseThrow()
                    + ". Nothing of it was kept; run the same command again, or choose another source.");
        }
    }

    /** Tells these files from any others, and from other versions of them: what the server says of them, and how they begin. */
    private String identity() throws IOException {
        StringBuilder identity = new StringBuilder();
        for (int index = 0; index < files.size(); index++) {
            FileHead head = heads.get(index);
            byte[] beginning = new byte[(int) head.presentBytes()];
            try (DataInputStream in = new DataInputStream(
                    Files.newInputStream(folder.resolve(Intake.fileName(files.get(index)))))) {
                in.readFully(beginning);
            }
            Sha256 hash = new Sha256();
            hash.update(beginning, beginning.length);
            identity.append(head.totalBytes()).append(' ').append(head.version()).append(' ').append(hash.hex())
                    .append('\n');
        }
        return identity.toString();
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
