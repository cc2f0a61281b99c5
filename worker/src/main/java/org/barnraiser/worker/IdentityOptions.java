package org.barnraiser.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.barnraiser.worker.data.DataFolder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which worker of this machine is meant, and where what it keeps is. */
final class IdentityOptions {
    @Mixin
    private DataFolder data = new DataFolder();

    @Option(names = "--name", paramLabel = "NAME", description = "this worker's name, different on every worker (default: made up once and kept)")
    private @Nullable String name;

    /** The data folder, absolute; it may not exist yet. */
    Path dataFolder() {
        return data.path();
    }

    /** @throws IllegalArgumentException when the name is none, in a sentence */
    WorkerIdentity identity() throws IOException {
        return WorkerIdentity.of(dataFolder(), Optional.ofNullable(name));
    }
}
