package org.barnraiser.coordinator.web.fit;

import com.google.common.collect.ImmutableList;
import java.util.Optional;

/**
 * What {@code POST /api/plan} answers.
 *
 * @param fits whether every layer has its machine
 * @param missingBytes memory that one machine more would have to lend; 0 when it fits
 * @param modelBytes weights and cache, without headroom
 * @param lentBytes what the machines lend together
 * @param layers of the model
 * @param estimated whether the model's sizes are estimates
 * @param stages head first; empty when it does not fit
 * @param unused machines that got no part of it
 * @param speed empty unless it fits and the bandwidth of every stage is known
 */
public record Fit(boolean fits, long missingBytes, long modelBytes, long lentBytes, int layers, boolean estimated,
        ImmutableList<Stage> stages, ImmutableList<String> unused, Optional<Speed> speed) {

    /** One machine's layers [first, last), what they take and what the machine lends. */
    public record Stage(String machine, int first, int last, long memoryBytes, long lentBytes) {}

    /** Tokens per second for one reader: between these two, likely. An estimate. */
    public record Speed(double slow, double fast) {}
}
