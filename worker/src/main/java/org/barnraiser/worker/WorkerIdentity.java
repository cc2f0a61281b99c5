package org.barnraiser.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Who this worker is, also after a restart.
 *
 * @param folder {@code DATA/workers/NAME}, which exists
 */
record WorkerIdentity(String name, Path folder) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    /** The given name, or one that is made up at the first start and kept in the data folder. */
    static WorkerIdentity of(Path data, Optional<String> given) throws IOException {
        Path workers = Files.createDirectories(data.resolve("workers"));
        String name = given.isPresent() ? given.get() : kept(workers.resolve("name"));
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("--name \"" + name
                    + "\" is no name: use up to 63 letters, digits, dots, dashes and underscores.");
        }
        return new WorkerIdentity(name, Files.createDirectories(workers.resolve(name)));
    }

    /** Where its key and certificate are, unless it is told otherwise. */
    Path trustFolder() {
        return folder.resolve("trust");
    }

    private static String kept(Path file) throws IOException {
        if (!Files.exists(file)) {
            Files.writeString(file, UUID.randomUUID() + "\n");
        }
        return Files.readString(file).strip();
    }
}
