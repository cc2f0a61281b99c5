package org.barnraiser.operator.scale;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.barnraiser.operator.crd.Pool;

/** Spreads workers over pools. */
public final class PoolSpread {
    private PoolSpread() {}

    /** Each pool's least first, then the rest from the first pool on; of none, none. By name, in the pools' order. */
    public static Map<String, Integer> of(List<Pool> pools, int workers) {
        Map<String, Integer> spread = new LinkedHashMap<>();
        int left = workers;
        for (Pool pool : pools) {
            int share = Math.min(left, pool.minReplicas());
            spread.put(pool.name(), share);
            left -= share;
        }
        for (Pool pool : pools) {
            int share = Math.clamp(left, 0, Math.max(0, pool.maxReplicas() - spread.getOrDefault(pool.name(), 0)));
            spread.merge(pool.name(), share, Integer::sum);
            left -= share;
        }
        return spread;
    }

    /**
     * The next step from what is there: growth at once, of any pool; otherwise one worker fewer, in the last pool that has too many, and only
     * when none is leaving already.
     *
     * @param there replicas of each pool now
     */
    public static Map<String, Integer> step(Map<String, Integer> there, Map<String, Integer> wanted,
            boolean mayShrink) {
        Map<String, Integer> next = new LinkedHashMap<>();
        boolean grows = false;
        String shrinking = "";
        for (Map.Entry<String, Integer> pool : wanted.entrySet()) {
            int now = there.getOrDefault(pool.getKey(), 0);
            next.put(pool.getKey(), Math.max(now, pool.getValue()));
            grows |= now < pool.getValue();
            shrinking = now > pool.getValue() ? pool.getKey() : shrinking;
        }
        // What moves to other workers needs them there first.
        if (!shrinking.isEmpty() && !grows && mayShrink) {
            next.merge(shrinking, -1, Integer::sum);
        }
        return next;
    }
}
