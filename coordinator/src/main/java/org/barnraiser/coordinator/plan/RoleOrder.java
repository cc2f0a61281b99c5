package org.barnraiser.coordinator.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which machine should be head, which tail and which in between, as if all layers were equal and all ways alike: then nothing else
 * matters but how many layers each has, so that one walk over the machines, in whatever order, sees every plan. What it finds is exact when they are, and
 * a good order to begin from when they are not.
 */
final class RoleOrder {
    private static final int HEAD = 1;
    private static final int TAIL = 2;
    private static final int ALL_ROLES = 4;

    private final PlanInput input;
    private final StageSizes sizes;
    private final StageSeconds seconds;
    private final int cuts;
    private final double hopSeconds;

    /** A machine's part in the best way to give so many pieces away; {@code before} is how the others were given. */
    private record Part(double cost, MachineOffer machine, int role, @Nullable Part before) {}

    RoleOrder(PlanInput input, StageSizes sizes, StageSeconds seconds) {
        this.input = input;
        this.sizes = sizes;
        this.seconds = seconds;
        cuts = sizes.lastCut();
        hopSeconds = input.links().usual().seconds((double) input.needs().work().hiddenBytes() * seconds.tokens());
    }

    /** Those that have a part in the quickest plan, head first; empty when no plan was found. */
    Optional<List<MachineOffer>> find() {
        @Nullable
        Part[][] best = new Part[ALL_ROLES][cuts + 1];
        for (MachineOffer machine : input.machines()) {
            @Nullable
            Part[][] next = new Part[ALL_ROLES][];
            for (int roles = 0; roles < ALL_ROLES; roles++) {
                next[roles] = Arrays.copyOf(best[roles], cuts + 1);
            }
            for (int role = 0; role < ALL_ROLES; role++) {
                if (role == 0 || !input.aim().trustedEnds() || machine.trusted()) {
                    give(best, next, machine, role);
                }
            }
            best = next;
        }
        Part last = best[HEAD | TAIL][cuts];
        return last == null ? Optional.empty() : Optional.of(order(last));
    }

    private void give(@Nullable Part[][] best, @Nullable Part[][] next, MachineOffer machine, int role) {
        double[] times = times(machine, role);
        for (int roles = 0; roles < ALL_ROLES; roles++) {
            if ((roles & role) != 0) {
                continue;
            }
            for (int given = 0; given < cuts; given++) {
                Part before = best[roles][given];
                if (before == null && (roles != 0 || given != 0)) {
                    continue;
                }
                double already = before == null ? 0 : before.cost();
                @Nullable
                Part[] row = next[roles | role];
                // Who is head and tail at once has everything.
                for (int count = role == (HEAD | TAIL) ? cuts : 1; count < times.length
                        && given + count <= cuts; count++) {
                    Part other = row[given + count];
                    double cost = already + times[count];
                    if (other == null || cost < other.cost()) {
                        row[given + count] = new Part(cost, machine, role, before);
                    }
                }
            }
        }
    }

    /** With the way to the machine, for each number of pieces that it can hold. */
    private double[] times(MachineOffer machine, int role) {
        double middleBytes = (double) (sizes.bytes(0, cuts) - sizes.extraBytes(true, true)) / cuts;
        double[] times = new double[cuts + 1];
        for (int count = 1; count <= cuts; count++) {
            double bytes = sizes.extraBytes((role & HEAD) != 0, (role & TAIL) != 0) + middleBytes * count;
            if (bytes > machine.budgetBytes()) {
                return Arrays.copyOf(times, count);
            }
            times[count] = hopSeconds + seconds.usual(machine.speed(), count, (role & TAIL) != 0);
        }
        return times;
    }

    private static List<MachineOffer> order(Part last) {
        List<MachineOffer> order = new ArrayList<>();
        MachineOffer tail = null;
        MachineOffer head = null;
        for (Part part = last; part != null; part = part.before()) {
            if ((part.role() & HEAD) != 0) {
                head = part.machine();
            } else if ((part.role() & TAIL) != 0) {
                tail = part.machine();
            } else {
                order.add(part.machine());
            }
        }
        Collections.reverse(order);
        if (head != null) {
            order.addFirst(head);
        }
        if (tail != null) {
            order.add(tail);
        }
        return order;
    }
}
