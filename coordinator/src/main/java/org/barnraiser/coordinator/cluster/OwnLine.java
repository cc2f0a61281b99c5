package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.WorkerRecord;
import org.barnraiser.trust.manners.Courtesy;

/**
 * The coordinator's own line, over which steps leave and weights do: hears of each step, and of how long workers take to answer a question
 * that is no work, and has weights yield accordingly. One for all models. Thread-safe; never blocks.
 *
 * <p>Machines share a processor with whatever else they do, so one late answer says nothing of the line; two in a row from the same
 * worker do. What goes to programs on this machine uses no line.
 */
final class OwnLine {
    /** An answer that takes so much longer than twice the quickest had to wait for something else on the line. */
    static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    /** A little less than the time in which each worker is asked once. */
    static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(750);
    /** As many workers as are remembered. */
    private static final int MOST = 4096;

    private final Courtesy courtesy;
    private final String ownAddress;
    private final Ticker ticker;
    /** By address, the oldest first; guarded by this, as are the others. */
    private final Map<String, Trips> trips = new LinkedHashMap<>();
    private long roundNanos;
    private boolean anySlow;
    private boolean anyLate;

    /**
     * A line on which nothing has happened yet.
     *
     * @param courtesy by which weights go
     * @param ownAddress {@code host:port} of this coordinator
     */
    OwnLine(Courtesy courtesy, String ownAddress, Ticker ticker) {
        this.courtesy = courtesy;
        this.ownAddress = ownAddress;
        this.ticker = ticker;
        roundNanos = ticker.read();
    }

    /** What is to be run after each step that is sent to a pipeline of these workers. */
    Runnable onStep(Collection<WorkerRecord> workers) {
        return workers.stream().allMatch(worker -> isHere(worker.getAddress())) ? () -> {} : courtesy::onStep;
    }

    /** The worker there has answered after so long. */
    synchronized void learn(String address, long nanos) {
        if (isHere(address)) {
            return;
        }
        Trips known = trips.computeIfAbsent(address, _ -> new Trips());
        boolean before = known.slow;
        known.learn(nanos);
        anySlow |= known.slow;
        anyLate |= known.slow && before;
        if (trips.size() > MOST) {
            trips.remove(trips.keySet().iterator().next());
        }
        judge(ticker.read());
    }

    /** Once a round, however many workers there are: else many that are near would outvote the one whose line is full. */
    private void judge(long now) {
        if (now - roundNanos < ROUND_NANOS) {
            return;
        }
        if (anyLate || !anySlow) {
            courtesy.onArrival(anyLate);
        }
        roundNanos = now;
        anySlow = false;
        anyLate = false;
    }

    private boolean isHere(String address) {
        return Addresses.isSameMachine(address, ownAddress);
    }

    /** The round trips to one worker. */
    private static final class Trips {
        /** Longer ago, the way may have been another one. */
        private static final int MEMORY = 64;

        private long quickestNanos = Long.MAX_VALUE;
        /** Of those before. */
        private long earlierNanos = Long.MAX_VALUE;
        private int count;
        private boolean slow;

        void learn(long nanos) {
            if (count++ % MEMORY == 0) {
                earlierNanos = quickestNanos;
                quickestNanos = Long.MAX_VALUE;
            }
            quickestNanos = Math.min(quickestNanos, nanos);
            slow = nanos - LATE_NANOS > 2 * Math.min(quickestNanos, earlierNanos);
        }
    }
}
