package org.barnraiser.coordinator.fair;

import java.time.Duration;

/**
 * How many take turns.
 *
 * @param slots generations that run at the same time: as many as a pipeline has slots, for each pipeline
 * @param maxWaitingPerAccount generations of one account that wait; more are refused
 * @param maxWaiting generations of all accounts that wait, but for the first one of each
 * @param kept how long after its last answer it is remembered what an account was served
 */
public record FairLimits(int slots, int maxWaitingPerAccount, int maxWaiting, Duration kept) {
    /** Limits that suit a community's machines. */
    public static FairLimits of(int slots) {
        return new FairLimits(slots, 64, 512, Duration.ofSeconds(30));
    }

    public FairLimits {
        if (slots < 1 || maxWaitingPerAccount < 1 || maxWaiting < 1) {
            throw new IllegalArgumentException("slots, maxWaitingPerAccount and maxWaiting must be at least 1");
        }
    }
}
