package org.barnraiser.worker.data;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The data folder of this machine, which all of its workers share; the same words for every command. */
public final class DataFolder {
    @Option(names = "--data", paramLabel = "DIR", defaultValue = "${env:BARN_DATA}", description = "data folder (default: $BARN_DATA, else ~/.barnraiser)")
    private @Nullable Path given;

    /** Absolute; it may not exist yet. */
    public Path path() {
        return (given == null ? Path.of(System.getProperty("user.home"), ".barnraiser") : given).toAbsolutePath()
                .normalize();
    }

    /** Deletes what is there of a folder in it. Links are deleted, not what they lead to. */
    public static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            // Insecure only where the system cannot do better: on Linux nobody can exchange a folder for a link meanwhile.
            MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }
}
