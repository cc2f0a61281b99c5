package org.barnraiser.coordinator.account;

import com.google.common.collect.ImmutableSet;
import java.util.OptionalLong;

/**
 * What a key may use. An empty number is no limit.
 *
 * @param models names of the models it may ask; empty for all
 * @param requestsPerMinute answers asked for within a minute
 * @param tokensPerMinute prompt and answer together, within a minute
 * @param tokensPerDay prompt and answer together, from midnight to midnight, UTC
 * @param concurrentRequests answers at the same time
 * @param weight its share of a busy pipeline, compared with other keys'
 */
public record KeyLimits(ImmutableSet<String> models, OptionalLong requestsPerMinute, OptionalLong tokensPerMinute,
        OptionalLong tokensPerDay, OptionalLong concurrentRequests, int weight) {
    /** A heavier key would as good as shut the others out. */
    public static final int MAX_WEIGHT = 100;
    private static final int MAX_MODELS = 100;
    private static final int MAX_MODEL_NAME = 200;

    /** Everything, with everybody's weight. */
    public static final KeyLimits NONE = new KeyLimits(ImmutableSet.of(), OptionalLong.empty(), OptionalLong.empty(),
            OptionalLong.empty(), OptionalLong.empty(), 1);

    /** These limits, when they make sense. */
    KeyLimits checked() throws AccountException {
        atLeastOne("requests a minute", requestsPerMinute);
        atLeastOne("tokens a minute", tokensPerMinute);
        atLeastOne("tokens a day", tokensPerDay);
        atLeastOne("requests at the same time", concurrentRequests);
        if (weight < 1 || weight > MAX_WEIGHT) {
            throw new AccountException("The weight must be from 1 to " + MAX_WEIGHT + ".");
        }
        if (models.size() > MAX_MODELS
                || models.stream().anyMatch(name -> name.isBlank() || name.length() > MAX_MODEL_NAME
                        || name.chars().anyMatch(Character::isISOControl))) {
            throw new AccountException("A key names at most " + MAX_MODELS + " models of up to " + MAX_MODEL_NAME
                    + " printable characters each.");
        }
        return this;
    }

    private static void atLeastOne(String what, OptionalLong limit) throws AccountException {
        if (limit.isPresent() && limit.getAsLong() < 1) {
            throw new AccountException("The limit for " + what + " must be at least 1; leave it out for none.");
        }
    }

    boolean limitsMinute() {
        return requestsPerMinute.isPresent() || tokensPerMinute.isPresent();
    }

    boolean allowsModel(String name) {
        return models.isEmpty() || models.contains(name);
    }
}
