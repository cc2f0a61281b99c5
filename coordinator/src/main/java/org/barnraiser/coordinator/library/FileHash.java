package org.barnraiser.coordinator.library;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.barnraiser.coordinator.download.Progress;
import org.barnraiser.coordinator.hash.Sha256;

/** sha256 of whole files, with progress for people. */
final class FileHash {
    private FileHash() {}

    /** 64 lower-case hex digits. */
    static String of(Path file, Progress progress) throws IOException {
        long total = Files.size(file);
        return Sha256.of(file, done -> progress.reached("checking " + file.getFileName(), done, total));
    }
}
