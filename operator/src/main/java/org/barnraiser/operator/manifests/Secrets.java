package org.barnraiser.operator.manifests;

import java.util.Optional;
import org.barnraiser.trust.StandingKey;

/**
 * What a cluster's Secrets hold, as far as other objects depend on it.
 *
 * @param digest changes when one of them does
 * @param trust empty where links are plain
 */
public record Secrets(String digest, Optional<Trust> trust) {

    /**
     * By what machines of the cluster know each other.
     *
     * @param fingerprint of the authority
     */
    public record Trust(String fingerprint, StandingKey key) {}

    /** Not what they hold: this may end in a log. */
    @Override
    public String toString() {
        return "secrets " + digest;
    }
}
