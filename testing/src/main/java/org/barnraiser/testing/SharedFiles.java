package org.barnraiser.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Files for tests that are too large for the repository: a folder {@code shared} beside it or above it, or the one that
 * {@code -Dbarnraiser.shared=DIR} names.
 */
public final class SharedFiles {

    private SharedFiles() {}

    /**
     * The file at {@code path} below the shared folder; empty, with a reason on standard error, where there is none.
     */
    public static Optional<Path> find(String path) {
        Optional<Path> file = folder().map(folder -> folder.resolve(path)).filter(Files::exists);
        if (file.isEmpty()) {
            System.err.println("Skipped what needs shared/" + path
                    + ": there is no such file in a folder 'shared' beside the repository; "
                    + "-Dbarnraiser.shared=DIR names another");
        }
        return file;
    }

    private static Optional<Path> folder() {
        String named = System.getProperty("barnraiser.shared");
        if (named != null) {
            return Optional.of(Path.of(named));
        }
        return SourceTree.nearest(folder -> Optional.of(folder.resolve("shared"))
                .filter(shared -> Files.isDirectory(shared.resolve("models"))));
    }
}
