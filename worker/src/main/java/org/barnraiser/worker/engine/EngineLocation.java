package org.barnraiser.worker.engine;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A llama.cpp that was found and not yet tried.
 *
 * @param folder that holds libllama; nothing for the one that comes along
 */
record EngineLocation(EngineSource source, Optional<Path> folder) {
    static final EngineLocation BUNDLED = new EngineLocation(EngineSource.BUNDLED, Optional.empty());

    static EngineLocation in(EngineSource source, Path folder) {
        return new EngineLocation(source, Optional.of(folder));
    }

    /** For people. */
    @Override
    public String toString() {
        return folder.map(Path::toString).orElse("the llama.cpp that comes along");
    }
}
