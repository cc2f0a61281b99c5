package org.barnraiser.coordinator.account;

import java.time.Instant;

/**
 * What a machine gave within some time.
 *
 * @param machine the worker's name
 * @param owner who lends it; may be empty
 * @param readySeconds how long it held its layers while the model was ready
 * @param layerTokens tokens of answers, each times the layers that it computed of them
 * @param weightBytes bytes of weights that it handed to other machines, where that is known
 */
public record Contribution(String machine, String owner, Instant from, Instant to, long readySeconds, long layerTokens,
        long weightBytes) {

    Contribution plus(Contribution other) {
        return new Contribution(machine, owner.isEmpty() ? other.owner : owner,
                from.isBefore(other.from) ? from : other.from,
                to.isAfter(other.to) ? to : other.to, readySeconds + other.readySeconds,
                layerTokens + other.layerTokens,
                weightBytes + other.weightBytes);
    }
}
