package org.barnraiser.coordinator.fit;

import com.google.common.collect.ImmutableList;
import java.util.Optional;

/**
 * Whether a model fits, and how.
 *
 * @param fits whether every layer has its machine
 * @param missingBytes memory that one machine more would have to lend; 0 when it fits
 * @param reason one sentence in plain words; empty when it fits
 * @param modelBytes weights and cache, without headroom
 * @param lentBytes what the machines lend together
 * @param layers of the model
 * @param estimated whether the model's sizes are estimates
 * @param stages head first; empty when it does not fit
 * @param unused machines that got no part of it
 * @param speed empty unless it fits and the speed of every machine is known
 */
public record Fit(boolean fits, long missingBytes, String reason, long modelBytes, long lentBytes, int layers,
        boolean estimated, ImmutableList<Stage> stages, ImmutableList<String> unused, Optional<Speed> speed) {

    /** One machine's layers [first, last), what they take and what the machine lends. */
    public record Stage(String machine, int first, int last, long memoryBytes, long lentBytes) {}

    /**
     * How fast it will be. An estimate.
     *
     * @param slow tokens per second for one reader, at least
     * @param likely tokens per second for one reader
     * @param fast tokens per second for one reader, at most
     * @param manyReaders how many readers are meant by many
     * @param many tokens per second for all of them together
     * @param firstTokenMillis from a question to the first word of its answer, with nobody else there
     * @param manyFirstTokenMillis the same when all of them ask at once, for the last of them
     * @param questionTokens how long that question is
     * @param slowest the machine that takes the longest for a token
     * @param stageMillis what each stage takes for a token
     */
    public record Speed(double slow, double likely, double fast, int manyReaders, double many, long firstTokenMillis,
            long manyFirstTokenMillis, int questionTokens, String slowest, ImmutableList<Double> stageMillis) {}
}
