package org.barnraiser.coordinator.fair;

import java.time.Duration;

/**
 * How many take turns.
 *
 * @param slots generations that run at the same time: as many as the pipeline has slots
 * @param maxWaitingPerAccount generations of one account that wait; more are refused
 * @param maxWaiting generations of all accounts that wait
 * @param kept how long after its last answer a slot is kept from others for an account that has asked before
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
