package org.barnraiser.worker;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;

/**
 * Tells other programs of this machine where the worker that owns this data folder listens: {@code running.properties} with its
 * {@code address} and {@code pid}. It stays behind when the worker crashes, so readers check the process too.
 */
final class RunningFile implements AutoCloseable {
    private static final String NAME = "running.properties";

    private final Path file;

    private RunningFile(Path file) {
        this.file = file;
    }

    static RunningFile write(Path folder, String address) throws IOException {
        var properties = new Properties();
        properties.setProperty("address", address);
        properties.setProperty("pid", Long.toString(ProcessHandle.current().pid()));
        var text = new StringWriter();
        properties.store(text, null);
        Path file = folder.resolve(NAME);
        Path written = Files.writeString(folder.resolve(NAME + ".new"), text.toString());
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return new RunningFile(file);
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
    }
}
