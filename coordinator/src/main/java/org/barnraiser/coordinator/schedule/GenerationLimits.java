package org.barnraiser.coordinator.schedule;

import java.time.Duration;

/**
 * What {@link Generations} takes in.
 *
 * @param contextTokens positions that one sequence may use, prompt and answer together
 * @param maxGenerations answers that run, wait or are paused at the same time; more are refused
 * @param patience how long an answer waits for machines, since its last token or since its start, before it ends
 */
public record GenerationLimits(int contextTokens, int maxGenerations, Duration patience) {
    /** Long enough for other machines to load what is missing, short enough for a reader to still be there. */
    public static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(60);

    public GenerationLimits {
        if (contextTokens < 2 || maxGenerations < 1) {
            throw new IllegalArgumentException("contextTokens is " + contextTokens + " and maxGenerations is "
                    + maxGenerations + "; they must be at least 2 and 1");
        }
        if (patience.isNegative()) {
            throw new IllegalArgumentException("patience is " + patience + "; it must not be negative");
        }
    }
}
