package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.coordinator.schedule.PipelineStatistics;
import org.barnraiser.proto.Beat;
import org.barnraiser.proto.StageBeat;

/**
 * Tells from what a pipeline's workers say of themselves where a step is stuck: in an engine that computes far longer than any
 * step takes here, or on the way between machines that all wait. Owned by the event loop.
 */
final class StallWatch {
    /** For engines of which nothing is known yet. */
    private static final Duration UNKNOWN_ENGINE = Duration.ofMinutes(1);
    private static final Duration SHORTEST = Duration.ofSeconds(2);
    /** A prompt's step computes many tokens; each takes no longer than one that is generated, with much room to spare. */
    private static final double SPARE = 4;

    private final Ticker ticker;
    private final Duration stall;
    private final String pipelineId;
    private final long epoch;
    private final int maxStepTokens;
    private long lastSum = -1;
    private long progressNanos;
    /** The longest that each stage's engine was seen at one step that ended well, by incarnation. */
    private final Map<String, Long> longestMillis = new HashMap<>();
    private final Map<String, StageBeat> last = new HashMap<>();

    /** What is wrong. */
    sealed interface Verdict {
        /** A stage's engine does not come back from a step. */
        record Wedged(String incarnationId, long busyMillis) implements Verdict {}

        /** Nobody computes and nothing arrives. */
        record Stuck(Duration since) implements Verdict {}
    }

    StallWatch(Ticker ticker, Duration stall, String pipelineId, long epoch, int maxStepTokens) {
        this.ticker = ticker;
        this.stall = stall;
        this.pipelineId = pipelineId;
        this.epoch = epoch;
        this.maxStepTokens = maxStepTokens;
        progressNanos = ticker.read();
    }

    /**
     * Looks at a pipeline, a few times a second.
     *
     * @param beats the latest of each stage's worker, head first; when one is missing nothing is concluded
     */
    Optional<Verdict> check(PipelineStatistics statistics, List<Optional<Beat>> beats) {
        long now = ticker.read();
        long sum = statistics.stepsTotal();
        boolean busy = false;
        Optional<Verdict> wedged = Optional.empty();
        for (Optional<Beat> beat : beats) {
            Optional<StageBeat> stage = beat.flatMap(this::ours);
            if (stage.isEmpty()) {
                progressNanos = now;
                return Optional.empty();
            }
            String incarnation = beat.get().getIncarnationId();
            sum += stage.get().getStepsTotal();
            long busyMillis = stage.get().getBusyMillis();
            busy |= busyMillis > 0;
            learn(incarnation, stage.get());
            if (busyMillis > limitMillis(incarnation, statistics)) {
                wedged = Optional.of(new Verdict.Wedged(incarnation, busyMillis));
            }
        }
        if (wedged.isPresent()) {
            return wedged;
        }
        if (busy || statistics.stepsInFlight() == 0 || sum != lastSum) {
            lastSum = sum;
            progressNanos = now;
            return Optional.empty();
        }
        Duration since = Duration.ofNanos(now - progressNanos);
        return since.compareTo(stall) > 0 ? Optional.of(new Verdict.Stuck(since)) : Optional.empty();
    }

    private Optional<StageBeat> ours(Beat beat) {
        return beat.getStagesList().stream()
                .filter(stage -> stage.getPipelineId().equals(pipelineId) && stage.getEpoch() == epoch)
                .findFirst();
    }

    private void learn(String incarnation, StageBeat now) {
        StageBeat before = last.put(incarnation, now);
        if (before != null && before.getStepsTotal() < now.getStepsTotal()) {
            longestMillis.merge(incarnation, before.getBusyMillis(), Math::max);
        }
    }

    private long limitMillis(String incarnation, PipelineStatistics statistics) {
        long longest = longestMillis.getOrDefault(incarnation, 0L);
        if (statistics.stepsTotal() == 0 || statistics.stages().isEmpty()) {
            return UNKNOWN_ENGINE.toMillis();
        }
        long slowestStageMicros = statistics.stages().stream()
                .mapToLong(PipelineStatistics.StageTotals::computeMicrosTotal).max().orElse(0);
        double stepMillis = (double) slowestStageMicros / statistics.stepsTotal() / 1000;
        return Math.max(SHORTEST.toMillis(),
                (long) (SPARE * Math.max((double) longest, stepMillis * maxStepTokens)));
    }
}
