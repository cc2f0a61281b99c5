package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.plan.Redivision.Seen;
import org.barnraiser.coordinator.schedule.PipelineStatistics;
import org.barnraiser.coordinator.schedule.PipelineStatistics.StageTotals;

/** What the stages of a running pipeline took for a step lately, while answers were made. Owned by the event loop. */
final class StageTimes {
    /** Fewer steps say little. */
    private static final int MIN_STEPS = 8;
    private static final int WINDOWS = 7;
    private static final PipelineStatistics NOTHING = new PipelineStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            List.of());

    private final Deque<Seen> windows = new ArrayDeque<>();
    private PipelineStatistics before = NOTHING;

    /** A pipeline begins, whose statistics begin at zero. */
    void restart() {
        windows.clear();
        before = NOTHING;
    }

    /** What the pipeline has done so far, a few times a second. */
    void observe(PipelineStatistics now) {
        long steps = now.stepsTotal() - before.stepsTotal();
        if (steps < MIN_STEPS) {
            return;
        }
        // Reading a question is other work than making an answer.
        if (now.promptTokensTotal() == before.promptTokensTotal()) {
            windows.add(seen(now, steps));
            if (windows.size() > WINDOWS) {
                windows.remove();
            }
        }
        before = now;
    }

    private Seen seen(PipelineStatistics now, long steps) {
        long tokens = now.generatedTokensTotal() - before.generatedTokensTotal() + now.draftedTokensTotal()
                - before.draftedTokensTotal() - now.acceptedTokensTotal() + before.acceptedTokensTotal();
        return new Seen((int) Math.max(1, Math.round((double) tokens / steps)),
                ImmutableDoubleArray.copyOf(IntStream.range(0, now.stages().size())
                        .mapToDouble(stage -> (now.stages().get(stage).computeMicrosTotal()
                                - total(before.stages(), stage)) / 1e6 / steps)));
    }

    private static long total(List<StageTotals> stages, int index) {
        return index < stages.size() ? stages.get(index).computeMicrosTotal() : 0;
    }

    /** The last windows; empty while there are too few. */
    ImmutableList<Seen> seen() {
        return windows.size() < WINDOWS ? ImmutableList.of() : ImmutableList.copyOf(windows);
    }
}
