package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.function.Consumer;
import org.barnraiser.coordinator.plan.Redivision.Seen;
import org.barnraiser.coordinator.schedule.PipelineStatistics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches what the stages of the running pipeline take, and finds when another cut would be clearly faster. Owned by the event loop. */
final class RecutCare {
    private static final Logger LOG = LoggerFactory.getLogger(RecutCare.class);
    /** A gain must be seen for this part of the time for which a failed machine is avoided; and a pause is that long. */
    private static final int SEEN_FOR_PART = 6;
    private static final int LOOKS = 5;

    private final Drafts drafts;
    private final Ticker ticker;
    private final Duration between;
    private final Insistence insistence;
    private final StageTimes times = new StageTimes();
    private long round;
    private boolean looking;
    private long lookedNanos;

    RecutCare(Drafts drafts, ClusterTimings timings, Ticker ticker) {
        this.drafts = drafts;
        this.ticker = ticker;
        Duration seenFor = timings.avoidance().dividedBy(SEEN_FOR_PART);
        between = seenFor.dividedBy(LOOKS);
        insistence = new Insistence(seenFor, timings.avoidance(), ticker);
    }

    /** A pipeline begins. */
    void begin() {
        round++;
        looking = false;
        lookedNanos = ticker.read();
        times.restart();
    }

    /** What the pipeline has done so far, a few times a second. */
    void observe(PipelineStatistics now) {
        times.observe(now);
    }

    /**
     * Looks for a better cut now and then; returns at once.
     *
     * @param worthIt hears of one that is worth a move, on the event loop; it is prepared unless something else is by then
     */
    void look(Consumer<Proposal> worthIt) {
        long now = ticker.read();
        ImmutableList<Seen> seen = times.seen();
        if (looking || seen.isEmpty() || now - lookedNanos < between.toNanos()) {
            return;
        }
        looking = true;
        lookedNanos = now;
        long mine = round;
        drafts.redivide(seen, found -> {
            if (mine != round) {
                return;
            }
            looking = false;
            boolean worth = insistence.isWorthIt(found.map(Recut::gain).orElse(0.0),
                    found.map(Recut::savedSeconds).orElse(0.0));
            found.filter(_ -> worth).ifPresent(recut -> {
                LOG.info("Another cut of the model would take {}% less time per token.",
                        Math.round(recut.gain() * 100));
                worthIt.accept(recut.proposal());
            });
        });
    }

    /** The model is moved, by this or for another reason. */
    void onMoved() {
        insistence.onMoved();
    }
}
