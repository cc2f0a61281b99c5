package org.barnraiser.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/** Finds folders by walking up from the working directory, so that tests run from any module and any editor. */
final class SourceTree {

    private SourceTree() {}

    /** The root of the repository. */
    static Path root() {
        return nearest(
                folder -> Files.isDirectory(folder.resolve("proto")) && Files.isDirectory(folder.resolve("testing"))
                        ? Optional.of(folder)
                        : Optional.empty())
                .orElseThrow(() -> new IllegalStateException(
                        "Not inside Barnraiser's source tree: " + Path.of("").toAbsolutePath()));
    }

    /** What {@code find} says of the nearest enclosing folder of which it has anything to say. */
    static Optional<Path> nearest(Function<Path, Optional<Path>> find) {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Optional<Path> found = find.apply(folder);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }
}
