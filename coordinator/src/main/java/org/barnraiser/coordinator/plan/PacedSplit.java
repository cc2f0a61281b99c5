package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.function.DoubleFunction;

/**
 * The split of one order of machines that is quickest for several readers. A round, in which each of them gets a token, takes as long as the
 * whole way or as all steps one after the other on the longest stage, whichever is more. A longer longest stage can only make the whole way
 * shorter, so halving what lies between the two finds where they meet.
 */
final class PacedSplit {
    /** A plan that is no more than this better is not looked for. */
    private static final double CLOSE_ENOUGH = 0.002;
    /** Halvings; more than closeness takes from a ratio of a thousand. */
    private static final int MOST_TRIES = 20;

    private final PlanInput input;
    private final int steps;
    private final int tokens;

    /**
     * @param steps in flight at once
     * @param tokens in each of them
     */
    PacedSplit(PlanInput input, int steps, int tokens) {
        this.input = input;
        this.steps = steps;
        this.tokens = tokens;
    }

    /**
     * @param shortest the split with the shortest whole way of those whose longest stage takes so many seconds at most
     * @param knownSeconds a round that is possible already; only what is quicker is of use
     */
    Optional<ImmutableList<PlannedStage>> find(DoubleFunction<Optional<ImmutableList<PlannedStage>>> shortest,
            double knownSeconds) {
        Optional<ImmutableList<PlannedStage>> best = Optional.empty();
        double possible = knownSeconds;
        double impossible = 0;
        double round = knownSeconds;
        for (int tries = 0; tries < MOST_TRIES && possible > impossible * (1 + CLOSE_ENOUGH); tries++) {
            Optional<ImmutableList<PlannedStage>> found = shortest.apply(round / steps);
            double way = found.map(this::way).orElse(Double.POSITIVE_INFINITY);
            // INVARIANT: nothing is quicker than `impossible`, as no split with a longest stage that allows it has a shorter way.
            impossible = Math.max(impossible, Math.min(way, round));
            double took = found.map(stages -> Math.max(way, steps * longest(stages))).orElse(way);
            if (took < possible) {
                possible = took;
                best = found;
            }
            round = (impossible + possible) / 2;
        }
        return best;
    }

    private double way(ImmutableList<PlannedStage> stages) {
        return timing(stages).secondsOnTheWay(tokens);
    }

    private double longest(ImmutableList<PlannedStage> stages) {
        return timing(stages).slowestSeconds(tokens);
    }

    private Timing timing(ImmutableList<PlannedStage> stages) {
        return Timing.of(input.needs(), stages, input.links());
    }
}
