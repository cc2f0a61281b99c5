package org.barnraiser.worker.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The folders that Linux's loader was told of, as ldconfig reads them. */
final class LoaderFolders {
    static final Path CONFIGURATION = Path.of("/etc/ld.so.conf.d");

    private LoaderFolders() {}

    /** Nothing where there is no such configuration. */
    static Stream<Path> read(Path configuration) {
        List<Path> folders = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(configuration, "*.conf")) {
            for (Path file : files) {
                Files.readAllLines(file, StandardCharsets.ISO_8859_1).stream().map(String::strip)
                        .filter(line -> line.startsWith("/")).map(Path::of).forEach(folders::add);
            }
        } catch (IOException _) {
            return Stream.empty(); // another system
        }
        return folders.stream().sorted();
    }
}
