package org.barnraiser.coordinator.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Files on the class path. */
final class Resource {
    /** Where the pages' own files lie, beside this class. */
    private static final String OWN = "/org/barnraiser/coordinator/web/";

    private Resource() {}

    /** The bytes of a file by its absolute path on the class path; empty when there is none. */
    static Optional<byte[]> read(String path) {
        try (InputStream in = Resource.class.getResourceAsStream(path)) {
            return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("the file " + path + " of this program cannot be read", e);
        }
    }

    /** The bytes of one of our own files, such as {@code shell/shell.js}. */
    static Optional<byte[]> own(String path) {
        return read(OWN + path);
    }

    /** The text of one of our own files that is always there. */
    static String ownText(String path) {
        return new String(own(path).orElseThrow(() -> new IllegalStateException("this program lacks its file " + path)),
                StandardCharsets.UTF_8);
    }
}
