package org.barnraiser.coordinator.plan;

import java.util.Arrays;
import java.util.List;

/**
 * The least time per token that any plan has for a model of equal layers over ways that are all alike: then only which machine is head, which
 * is tail, and how many layers each has, matter, so that one walk over the machines sees every plan.
 */
final class LeastSeconds {
    private static final int HEAD = 1;
    private static final int TAIL = 2;

    private LeastSeconds() {}

    /** Infinite when nothing fits. */
    static double of(ModelNeeds needs, List<MachineOffer> machines, Links links) {
        int layers = needs.layerCount();
        StageSizes sizes = new StageSizes(needs);
        StageSeconds seconds = new StageSeconds(needs, 1);
        double hop = links.usual().seconds((double) needs.work().hiddenBytes());
        // least[roles taken][layers given away]
        double[][] least = new double[4][layers + 1];
        for (double[] row : least) {
            Arrays.fill(row, Double.POSITIVE_INFINITY);
        }
        least[0][0] = 0;
        for (MachineOffer machine : machines) {
            double[][] next = new double[4][];
            for (int roles = 0; roles < 4; roles++) {
                next[roles] = least[roles].clone();
            }
            for (int roles = 0; roles < 4; roles++) {
                for (int given = 0; given < layers; given++) {
                    if (Double.isFinite(least[roles][given])) {
                        give(least, next, roles, given, machine, sizes, seconds, hop, layers);
                    }
                }
            }
            least = next;
        }
        return least[HEAD | TAIL][layers] - hop + 2 * links.usual().seconds();
    }

    private static void give(double[][] least, double[][] next, int roles, int given, MachineOffer machine,
            StageSizes sizes, StageSeconds seconds, double hop, int layers) {
        for (int role = 0; role < 4; role++) {
            if ((roles & role) != 0) {
                continue;
            }
            for (int count = 1; count <= layers - given; count++) {
                // Any place in the model with that role is as good as any other.
                int first = (role & HEAD) != 0 ? 0 : (role & TAIL) != 0 ? layers - count : 1;
                int last = first + count;
                boolean possible = ((role & HEAD) != 0) == (first == 0) && ((role & TAIL) != 0) == (last == layers)
                        && last <= layers;
                if (!possible || sizes.bytes(first, last) > machine.budgetBytes()) {
                    continue;
                }
                double cost = least[roles][given] + hop + seconds.seconds(machine.speed(), first, last);
                int after = roles | role;
                if (cost < next[after][given + count]) {
                    next[after][given + count] = cost;
                }
            }
        }
    }
}
