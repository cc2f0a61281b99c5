package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.barnraiser.coordinator.plan.Hop;
import org.barnraiser.coordinator.plan.Link;
import org.barnraiser.coordinator.plan.Links;
import org.barnraiser.proto.ReachResponse;

/** What was measured of the ways between workers, the latest of them. Thread-safe; never blocks. */
final class Ways {
    /** As many pairs as are remembered. */
    private static final int MOST = 4096;
    private static final double MICROS = 1e-6;
    private static final double SLOWEST_BYTES_PER_SECOND = 1_000;

    /** The oldest first; guarded by this. */
    private final Map<Hop, Link> known = new LinkedHashMap<>();

    /** Whether it is known how fast the way is. */
    synchronized boolean isKnown(Hop hop) {
        return known.containsKey(hop);
    }

    /** A worker has reached another; what it says comes from outside, so what cannot be is passed over. */
    synchronized void onReached(Hop hop, ReachResponse answer) {
        Link before = known.get(hop);
        double bytesPerSecond = answer.getBytesPerSecond() > 0 && Double.isFinite(answer.getBytesPerSecond())
                ? Math.max(answer.getBytesPerSecond(), SLOWEST_BYTES_PER_SECOND)
                : before == null ? 0 : before.bytesPerSecond();
        double seconds = answer.getRoundTripMicros() * MICROS / 2;
        if (bytesPerSecond > 0 && seconds > 0 && seconds < 10) {
            // The quickest of all times: a machine that is busy at the moment makes a way look longer than it is.
            known.put(hop, new Link(before == null ? seconds : Math.min(before.seconds(), seconds), bytesPerSecond));
            if (known.size() > MOST) {
                known.remove(known.keySet().iterator().next());
            }
        }
    }

    /** The quickest round trip of all times; 0 where none was measured. */
    synchronized long roundTripNanos(Hop hop) {
        Link link = known.get(hop);
        return link == null ? 0 : (long) (2e9 * link.seconds());
    }

    /** The ways as they are known now, and the usual one for all others. */
    synchronized Links links() {
        return new Links(ImmutableMap.copyOf(known), Link.USUAL);
    }
}
