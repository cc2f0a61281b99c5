package org.barnraiser.coordinator.schedule;

import java.time.Duration;

/**
 * What one pipeline was loaded for, and how it is driven. Those from the second to the fifth must be those that its stages were loaded with.
 *
 * @param slots sequences that run at once
 * @param cacheSlots sequences that the caches tell apart, at least {@code slots}: the others are for those that gave way
 * @param contextTokens positions that one sequence may use, prompt and answer together
 * @param cacheTokens KV cells that all slots share; at least {@code contextTokens}, so that every allowed sequence can run
 * @param maxStepTokens tokens in one step; at least {@code slots}, so that sequences that generate never crowd out prompts
 * @param maxStepsInFlight steps sent and not yet answered; the number of stages keeps all of them busy
 * @param maxWaiting sequences beyond {@code slots} that are taken in; more are refused
 * @param stepTimeoutMillis a pipeline that has work and gives no result for this long is lost, as long as little is known of its pace
 * @param leastSilence of a pipeline that has work, until it is lost, however quick it is
 * @param remember whether questions that begin alike share what was computed, also after an answer has ended
 * @param speculation whether tokens are guessed ahead
 */
public record DriverLimits(int slots, int cacheSlots, int contextTokens, int cacheTokens, int maxStepTokens,
        int maxStepsInFlight,
        int maxWaiting, long stepTimeoutMillis, Duration leastSilence, boolean remember, Speculation speculation) {

    /** A {@code stepTimeoutMillis} for machines of which nothing is known. */
    public static final long DEFAULT_STEP_TIMEOUT_MILLIS = 60_000;

    /** A {@code leastSilence} for machines that are not far from each other. */
    public static final Duration DEFAULT_LEAST_SILENCE = Pace.LEAST;

    /** Limits for machines that are not far from each other, and whose caches tell no more sequences apart than run. */
    public DriverLimits(int slots, int contextTokens, int cacheTokens, int maxStepTokens, int maxStepsInFlight,
            int maxWaiting, long stepTimeoutMillis, boolean remember, Speculation speculation) {
        this(slots, slots, contextTokens, cacheTokens, maxStepTokens, maxStepsInFlight, maxWaiting, stepTimeoutMillis,
                DEFAULT_LEAST_SILENCE, remember, speculation);
    }

    /** Limits with which questions that begin alike share what was computed, and nothing is guessed. */
    public DriverLimits(int slots, int contextTokens, int cacheTokens, int maxStepTokens, int maxStepsInFlight,
            int maxWaiting, long stepTimeoutMillis) {
        this(slots, contextTokens, cacheTokens, maxStepTokens, maxStepsInFlight, maxWaiting, stepTimeoutMillis, true,
                Speculation.OFF);
    }

    public DriverLimits {
        checkAtLeast("slots", slots, 1);
        checkAtLeast("cacheSlots (at least slots)", cacheSlots, slots);
        checkAtLeast("contextTokens", contextTokens, 2);
        checkAtLeast("cacheTokens (at least contextTokens)", cacheTokens, contextTokens);
        checkAtLeast("maxStepTokens (at least slots)", maxStepTokens, slots);
        checkAtLeast("maxStepsInFlight", maxStepsInFlight, 1);
        checkAtLeast("maxWaiting", maxWaiting, 0);
        checkAtLeast("stepTimeoutMillis", stepTimeoutMillis, 1);
    }

    private static void checkAtLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be at least " + least);
        }
    }

    /** Sequences taken in at once: those with a slot and those that wait for one. */
    int maxSequences() {
        return Math.addExact(slots, maxWaiting);
    }

    /** Refuses a sequence that leaves no room for an answer. */
    void checkRoom(ResumableSequence sequence) {
        PromptTooLongException.check(sequence.tokens().length(), contextTokens);
    }

    /** Tokens that may be generated: what was asked for, or what the context leaves. */
    int tokenLimit(ResumableSequence sequence) {
        return Math.min(sequence.remainingTokens(), contextTokens - sequence.tokens().length());
    }
}
