package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.model.ClusterStatus.Done;
import org.barnraiser.coordinator.schedule.PipelineStatistics;
import org.barnraiser.coordinator.schedule.PipelineStatistics.StageTotals;

import static com.google.common.collect.ImmutableList.toImmutableList;

/** What the pipeline does per second, over the last seconds. Fed by the event loop; any thread may read. */
final class Rates {
    private static final Duration WINDOW = Duration.ofSeconds(5);
    /** Less tells nothing. */
    private static final Duration SHORTEST = Duration.ofMillis(500);
    private static final PipelineStatistics NOTHING = new PipelineStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            List.of());

    private final Ticker ticker;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private long epoch;
    private double aloneTokensPerSecond;
    private volatile Snapshot snapshot = new Snapshot(0, ImmutableList.of(), 0);

    /** Since this coordinator leads, over all pipelines. */
    private volatile Drafts drafts = new Drafts(0, 0);

    /** Tokens that were guessed ahead, and those of them that were right. */
    record Drafts(long drafted, long accepted) {}

    private record Sample(long nanos, PipelineStatistics statistics) {}

    /**
     * The rates now.
     *
     * @param stages head first; as many as have reported
     * @param aloneTokensPerSecond the best rate while one reader was there alone, since this pipeline began; 0 until it was seen
     */
    record Snapshot(double tokensPerSecond, ImmutableList<Stage> stages, double aloneTokensPerSecond) {
        /** Nothing is known of stages that have not reported. */
        Stage stage(int index) {
            return index < stages.size() ? stages.get(index) : new Stage(0, 0, Done.NOTHING);
        }
    }

    /**
     * One stage.
     *
     * @param busyShare part of the time in which it computed
     * @param stepMillis what a step took on average; 0 when there was none
     */
    record Stage(double busyShare, double stepMillis, Done done) {}

    Rates(Ticker ticker) {
        this.ticker = ticker;
    }

    /** The statistics of the pipeline of an epoch, a few times a second. */
    void add(long pipelineEpoch, PipelineStatistics now) {
        if (pipelineEpoch != epoch) {
            epoch = pipelineEpoch;
            aloneTokensPerSecond = 0;
            samples.clear();
            samples.add(new Sample(ticker.read(), NOTHING));
        }
        PipelineStatistics last = samples.getLast().statistics();
        drafts = new Drafts(drafts.drafted() + now.draftedTokensTotal() - last.draftedTokensTotal(),
                drafts.accepted() + now.acceptedTokensTotal() - last.acceptedTokensTotal());
        long nanos = ticker.read();
        samples.add(new Sample(nanos, now));
        while (samples.size() > 2 && nanos - samples.getFirst().nanos() > WINDOW.toNanos()) {
            samples.removeFirst();
        }
        if (nanos - samples.getFirst().nanos() > SHORTEST.toNanos()) {
            publish(samples.getFirst(), samples.getLast());
        }
    }

    /** No pipeline runs. */
    void pause() {
        snapshot = new Snapshot(0, ImmutableList.of(), 0);
    }

    Drafts drafts() {
        return drafts;
    }

    Snapshot snapshot() {
        return snapshot;
    }

    private void publish(Sample from, Sample to) {
        double seconds = (to.nanos() - from.nanos()) / 1e9;
        PipelineStatistics now = to.statistics();
        long steps = now.stepsTotal() - from.statistics().stepsTotal();
        double tokensPerSecond = (now.generatedTokensTotal() - from.statistics().generatedTokensTotal()) / seconds;
        if (isOneReaders(from.statistics(), now)) {
            aloneTokensPerSecond = Math.max(aloneTokensPerSecond, tokensPerSecond);
        }
        snapshot = new Snapshot(tokensPerSecond,
                IntStream.range(0, now.stages().size()).mapToObj(index -> {
                    double micros = (double) now.stages().get(index).computeMicrosTotal()
                            - computeMicros(from.statistics().stages(), index);
                    return new Stage(Math.clamp(micros / 1e6 / seconds, 0, 1),
                            steps == 0 ? 0 : micros / 1e3 / steps, done(now, index));
                }).collect(toImmutableList()), aloneTokensPerSecond);
    }

    private static Done done(PipelineStatistics now, int index) {
        StageTotals totals = now.stages().get(index);
        return new Done(now.stepsTotal(), totals.computeMicrosTotal() / 1e6, totals.queueMicrosTotal() / 1e6);
    }

    /** Whether one answer alone was made all the time, and no question was read. */
    private boolean isOneReaders(PipelineStatistics from, PipelineStatistics now) {
        return samples.stream().allMatch(sample -> sample.statistics().running() == 1)
                && now.promptTokensTotal() == from.promptTokensTotal();
    }

    private static long computeMicros(List<StageTotals> stages, int index) {
        return index < stages.size() ? stages.get(index).computeMicrosTotal() : 0;
    }
}
