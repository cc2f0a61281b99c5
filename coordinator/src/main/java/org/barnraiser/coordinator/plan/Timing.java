package org.barnraiser.coordinator.plan;

import java.util.List;

/**
 * How fast a plan will be, worked out from what its machines and the ways between them can do. One reader's token passes all stages one
 * after the other; with several readers every stage has a step of its own, so the slowest sets the pace.
 */
public final class Timing {
    private final ModelNeeds needs;
    private final List<PlannedStage> stages;
    private final Links links;

    private Timing(ModelNeeds needs, List<PlannedStage> stages, Links links) {
        this.needs = needs;
        this.stages = stages;
        this.links = links;
    }

    /** Of stages whose machines' speeds are all known. */
    public static Timing of(ModelNeeds needs, List<PlannedStage> stages, Links links) {
        if (!stages.stream().allMatch(stage -> stage.machine().speed().isKnown())) {
            throw new IllegalArgumentException("the speed of a machine is not known");
        }
        return new Timing(needs, List.copyOf(stages), links);
    }

    /** From a token to the next, for one reader alone. */
    public double secondsPerToken() {
        return secondsOnTheWay(1);
    }

    /** For all of so many readers together. */
    public double tokensPerSecond(int readers) {
        int steps = Math.min(readers, stages.size());
        int tokens = Math.ceilDiv(readers, steps);
        return readers / Math.max(secondsOnTheWay(tokens), steps * slowestSeconds(tokens));
    }

    /** From a question of so many tokens to the first word of the answer; its parts follow each other down the pipeline. */
    public double firstTokenSeconds(int promptTokens, int tokensPerStep) {
        int steps = Math.ceilDiv(promptTokens, tokensPerStep);
        int tokens = Math.ceilDiv(promptTokens, steps);
        return secondsOnTheWay(tokens) + (steps - 1) * slowestSeconds(tokens);
    }

    /** Index of the stage that takes the longest for a token. */
    public int slowestStage() {
        int slowest = 0;
        for (int stage = 1; stage < stages.size(); stage++) {
            if (stageSeconds(stage, 1) > stageSeconds(slowest, 1)) {
                slowest = stage;
            }
        }
        return slowest;
    }

    /** What a step of so many tokens takes on one stage. */
    public double stageSeconds(int stage, int tokens) {
        PlannedStage planned = stages.get(stage);
        Work work = needs.work();
        boolean tail = planned.last() == needs.layerCount();
        double bytes = tail ? work.tailBytes() : 0;
        double operations = tail ? work.tailOperations() : 0;
        for (int layer = planned.first(); layer < planned.last(); layer++) {
            bytes += work.bytesRead(layer, tokens);
            operations += work.layerOperations().get(layer);
        }
        return planned.machine().speed().seconds(bytes, operations * tokens);
    }

    /** What a step of so many tokens takes on the stage that takes the longest for it. */
    double slowestSeconds(int tokens) {
        double slowest = 0;
        for (int stage = 0; stage < stages.size(); stage++) {
            slowest = Math.max(slowest, stageSeconds(stage, tokens));
        }
        return slowest;
    }

    /** To the head, through all stages, and back from the tail. */
    double secondsOnTheWay(int tokens) {
        double seconds = 2 * links.usual().seconds();
        for (int stage = 0; stage < stages.size(); stage++) {
            seconds += stageSeconds(stage, tokens);
            if (stage > 0) {
                seconds += links.between(stages.get(stage - 1).machine(), stages.get(stage).machine())
                        .seconds((double) needs.work().hiddenBytes() * tokens);
            }
        }
        return seconds;
    }
}
