package org.barnraiser.worker.engine;

import java.util.Locale;

/** Where a llama.cpp comes from; of two that are alike, the one of the earlier source is taken. */
enum EngineSource {
    GIVEN("named with --llama-lib or BARN_LLAMA_LIB"),
    INSTALLED("from './barn engine install'"),
    LISTED(
            "in a folder of BARN_ENGINE_PATH"),
    HOMEBREW("from Homebrew"),
    DISTRIBUTION(
            "from the system's packages"),
    CONTAINER("where llama.cpp's container images and 'make install' put it"),
    NPM(
            "from npm"),
    BUNDLED("comes along with Barnraiser");

    private final String description;

    EngineSource(String description) {
        this.description = description;
    }

    /** For people. */
    String description() {
        return description;
    }

    /** For programs. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
