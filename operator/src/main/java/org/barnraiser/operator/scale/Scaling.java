package org.barnraiser.operator.scale;

import java.time.Duration;
import java.time.Instant;

/**
 * Decides how many workers there are to be. First as many as the model needs to fit, once for each pipeline; or, if wanted, for one, and one
 * more whenever readers wait, soon, and one fewer when they have not for long; none at all when nobody was there for longer still, until somebody comes.
 */
public final class Scaling {
    private Scaling() {}

    /** A pure function; what it returns is to be remembered and given back the next time. */
    public static ScaleState next(ScaleRules rules, ScaleState before, Demand demand, Instant now) {
        ScaleState seen = observe(before, demand, rules, now);
        int desired = desired(rules, seen, demand, now);
        return desired == before.desired()
                ? seen
                : new ScaleState(desired, seen.needed(), seen.lastActive(),
                        desired > before.desired() ? now : seen.lastBusy(), now);
    }

    private static ScaleState observe(ScaleState before, Demand demand, ScaleRules rules, Instant now) {
        int needed = before.needed();
        if (demand.stages() > 0) {
            needed = demand.stages();
        } else if (demand.lacking() && !before.asleep()
                && passed(before.lastScaled(), rules.autoscaling().scaleUp(), now)) {
            needed = Math.max(needed, before.desired() + 1);
        }
        // While nobody can be asked, nobody is known to be away.
        boolean active = !demand.known() || !demand.isIdle();
        boolean busy = !demand.known() || demand.waiting() > 0 || isTooMuch(rules, demand);
        return new ScaleState(before.desired(), Math.min(needed, Math.max(1, rules.max())),
                active ? now : before.lastActive(), busy ? now : before.lastBusy(), before.lastScaled());
    }

    private static int desired(ScaleRules rules, ScaleState seen, Demand demand, Instant now) {
        if (rules.fixed().isPresent()) {
            int fixed = rules.fixed().getAsInt();
            return fixed == 0 ? 0 : rules.within(fixed);
        }
        boolean byDemand = rules.autoscaling().enabled();
        int floor = rules.within(byDemand ? seen.needed() : Math.multiplyExact(seen.needed(), rules.pipelines()));
        if (rules.autoscaling().toZero()) {
            if (seen.asleep()) {
                return demand.waiting() > 0 ? floor : 0;
            }
            if (demand.known() && demand.isIdle() && passed(seen.lastActive(), rules.autoscaling().zeroAfter(), now)) {
                return 0;
            }
        }
        if (!byDemand || seen.desired() < floor) {
            return floor;
        }
        return rules.within(byDemand(rules, seen, demand, now, floor));
    }

    private static int byDemand(ScaleRules rules, ScaleState seen, Demand demand, Instant now, int floor) {
        if (isTooMuch(rules, demand) && passed(seen.lastScaled(), rules.autoscaling().scaleUp(), now)) {
            return seen.desired() + 1;
        }
        Duration calm = rules.autoscaling().scaleDown();
        boolean low = demand.known() && passed(seen.lastBusy(), calm, now) && passed(seen.lastScaled(), calm, now);
        return low ? Math.max(floor, seen.desired() - 1) : seen.desired();
    }

    private static boolean isTooMuch(ScaleRules rules, Demand demand) {
        double wanted = rules.autoscaling().tokensPerSecondPerReader();
        boolean slow = wanted > 0 && demand.running() > 0 && demand.tokensPerSecond() > 0
                && demand.tokensPerSecond() / demand.running() < wanted;
        boolean full = demand.waiting() > 0 && demand.busiest() * 100 >= rules.autoscaling().busyPercent();
        return demand.known() && (demand.waiting() >= rules.autoscaling().waitingReaders() || slow || full);
    }

    private static boolean passed(Instant since, Duration time, Instant now) {
        return !since.plus(time).isAfter(now);
    }
}
