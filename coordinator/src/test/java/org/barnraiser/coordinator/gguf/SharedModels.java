package org.barnraiser.coordinator.gguf;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Finds model files that are not part of the project: {@code -Dbarnraiser.shared=DIR}, or a folder {@code shared} above. */
final class SharedModels {
    private SharedModels() {}

    /** Skips the test when the file is not there. */
    static Path find(String relative) {
        String given = System.getProperty("barnraiser.shared");
        Stream<Path> places = given != null
                ? Stream.of(Path.of(given))
                : Stream.iterate(Path.of("").toAbsolutePath(), folder -> folder != null, Path::getParent)
                        .map(folder -> folder.resolve("shared"));
        Path found = places.filter(folder -> Files.isDirectory(folder.resolve("models")))
                .map(folder -> folder.resolve(relative))
                .filter(Files::isRegularFile).findFirst().orElse(null);
        Assumptions.assumeTrue(found != null, "skipped: no shared/" + relative + " on this machine");
        return Objects.requireNonNull(found);
    }
}
