package org.barnraiser.coordinator.plan;

import java.util.List;

/** How much one machine more would have to hold, for machines in a given order that cannot hold the model. */
final class Shortfall {

    private Shortfall() {}

    /**
     * The fewest bytes left over when the machines before some place in the order take as much as they can from the front,
     * those after it as much as they can from the back, and one new machine takes the rest.
     */
    static long bytes(StageSizes sizes, List<MachineOffer> machines) {
        int[] reachFromBack = new int[machines.size() + 1];
        reachFromBack[machines.size()] = sizes.lastCut();
        for (int i = machines.size() - 1; i >= 0; i--) {
            int from = reachFromBack[i + 1];
            while (from > 0 && sizes.bytes(from - 1, reachFromBack[i + 1]) <= machines.get(i).budgetBytes()) {
                from--;
            }
            reachFromBack[i] = from;
        }
        long fewest = sizes.wholeModelBytes();
        int reach = 0;
        for (int i = 0; i <= machines.size(); i++) {
            fewest = Math.min(fewest, sizes.bytes(reach, Math.max(reach, reachFromBack[i])));
            if (i < machines.size()) {
                int from = reach;
                while (reach < sizes.lastCut() && sizes.bytes(from, reach + 1) <= machines.get(i).budgetBytes()) {
                    reach++;
                }
            }
        }
        return fewest;
    }
}
