package org.barnraiser.coordinator.cluster;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.barnraiser.coordinator.plan.Hop;
import org.barnraiser.coordinator.plan.Link;
import org.barnraiser.coordinator.plan.Links;
import org.barnraiser.proto.WorkerRecord;

/** What slow links mean for a pipeline: whose slows answers, and how long a step may be on its way there. */
final class SlowLinks {
    /** Of the time that a token takes; no link that takes less is worth a word ... */
    private static final double SHARE = 0.2;
    /** ... and none that is this quick. */
    private static final double SECONDS = 0.002;

    /** Others use a line, too. */
    private static final int SPARE = 2;

    private SlowLinks() {}

    /**
     * One sentence on the way from this machine to the next stage's; empty when it is quick enough, or not known.
     *
     * @param tokensPerSecond that one reader alone was measured to get; 0 when none was
     */
    static Optional<String> note(Rollout rollout, String incarnationId, Links links, double tokensPerSecond) {
        double tokenSeconds = tokensPerSecond > 0
                ? 1 / tokensPerSecond
                : rollout.plan().getEstimate().getTokenSeconds();
        List<WorkerRecord> workers = rollout.workers();
        for (int stage = 0; stage + 1 < workers.size(); stage++) {
            WorkerRecord to = workers.get(stage + 1);
            if (workers.get(stage).getIncarnationId().equals(incarnationId)) {
                return Optional.ofNullable(links.known().get(new Hop(incarnationId, to.getIncarnationId())))
                        .flatMap(link -> note(link, to.getWorkerId(), tokenSeconds));
            }
        }
        return Optional.empty();
    }

    /**
     * How long no step may get anywhere, until that is strange: a large one is on its way over a thin line for so long alone.
     *
     * @param usual on lines that carry a step in no time
     */
    static Duration stall(Duration usual, Rollout rollout, Links links, int maxStepTokens) {
        double longest = 0;
        List<Rollout.Stage> stages = rollout.stages();
        for (int stage = 0; stage + 1 < stages.size(); stage++) {
            double bytes = (double) Float.BYTES * stages.get(stage).load().getShard().getEmbeddingLength()
                    * maxStepTokens;
            Link link = links.known().getOrDefault(new Hop(stages.get(stage).worker().getIncarnationId(),
                    stages.get(stage + 1).worker().getIncarnationId()), links.usual());
            longest = Math.max(longest, link.seconds(bytes));
        }
        return usual.plusMillis((long) (SPARE * 1e3 * longest));
    }

    /**
     * How long a pipeline that has work may give no result: as long as the longest of its ways asks for, the coordinator's among them.
     *
     * @param usual where no way is long
     */
    static Duration silence(Duration usual, Rollout rollout, Links links, RoundTrips trips) {
        Duration longest = usual;
        List<WorkerRecord> workers = rollout.workers();
        for (int stage = 0; stage < workers.size(); stage++) {
            WorkerRecord worker = workers.get(stage);
            Link next = stage + 1 < workers.size()
                    ? links.known().get(new Hop(worker.getIncarnationId(), workers.get(stage + 1).getIncarnationId()))
                    : null;
            long tripNanos = next == null ? 0 : (long) (2e9 * next.seconds());
            longest = Collections.max(List.of(longest, trips.patience(worker.getAddress(), usual),
                    RoundTrips.patience(usual, tripNanos)));
        }
        return longest;
    }

    static Optional<String> note(Link link, String to, double tokenSeconds) {
        return tokenSeconds <= 0 || link.seconds() < SECONDS || link.seconds() < SHARE * tokenSeconds
                ? Optional.empty()
                : Optional.of(String.format(Locale.ROOT, "Its link slows answers: the way to %s takes %.0f ms of the"
                        + " %.0f ms for each token.", to, 1e3 * link.seconds(),
                        1e3 * Math.max(tokenSeconds, link.seconds())));
    }
}
