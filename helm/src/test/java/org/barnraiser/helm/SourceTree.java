package org.barnraiser.helm;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Where things are in the repository, whatever folder tests run in. */
public final class SourceTree {
    private SourceTree() {}

    /** A path from the root of the repository. */
    public static Path path(String relative) {
        return Stream.iterate(Path.of("").toAbsolutePath(), folder -> folder != null, Path::getParent)
                .filter(folder -> Files.isDirectory(folder.resolve("helm/barnraiser")))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("not inside Barnraiser's source tree"))
                .resolve(relative);
    }
}
