package org.barnraiser.worker.engine;

import java.util.Base64;

/**
 * One npm package with a llama.cpp build, at the version that Barnraiser was tried with.
 *
 * @param sha512 of the archive, in base64, as npm's registry gives it
 * @param diskMegabytes that fetching and unpacking take at most
 */
record EnginePackage(String name, String version, String sha512, int diskMegabytes) {
    private static final int SHA512_BYTES = 64;

    EnginePackage {
        if (Base64.getDecoder().decode(sha512).length != SHA512_BYTES) {
            throw new IllegalArgumentException(sha512 + " is no sha512");
        }
    }

    /** As npm is asked for it. */
    @Override
    public String toString() {
        return name + "@" + version;
    }
}
