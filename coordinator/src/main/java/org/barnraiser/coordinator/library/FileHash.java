package org.barnraiser.coordinator.library;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.barnraiser.coordinator.download.Progress;

/** sha256 of whole files. */
final class FileHash {
    private static final int BUFFER_BYTES = 1 << 20;

    private FileHash() {}

    /** 64 lower-case hex digits. */
    static String of(Path file, Progress progress) throws IOException {
        long total = Files.size(file);
        long done = 0;
        Hasher hasher = Hashing.sha256().newHasher();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            int read;
            while ((read = in.read(buffer)) > 0) {
                hasher.putBytes(buffer, 0, read);
                done += read;
                progress.reached("checking " + file.getFileName(), done, total);
            }
        }
        return hasher.hash().toString();
    }
}
