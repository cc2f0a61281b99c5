package org.barnraiser.coordinator.plan;

import java.util.List;

/**
 * How much one machine more would have to hold, for machines in a given order that cannot hold the model.
 *
 * @param bytes weights and cache of {@code layers} there, at least 1
 * @param layers those that nobody has
 */
record Shortfall(long bytes, Layers layers) {

    /**
     * The fewest bytes left over when the machines before some place in the order take as much as they can from the front,
     * those after it as much as they can from the back, and one new machine takes the rest.
     */
    static Shortfall of(StageSizes sizes, List<MachineOffer> machines) {
        int[] reachFromBack = new int[machines.size() + 1];
        reachFromBack[machines.size()] = sizes.lastCut();
        for (int i = machines.size() - 1; i >= 0; i--) {
            int from = reachFromBack[i + 1];
            while (from > 0 && sizes.bytes(from - 1, reachFromBack[i + 1]) <= machines.get(i).budgetBytes()) {
                from--;
            }
            reachFromBack[i] = from;
        }
        Shortfall least = between(sizes, 0, sizes.lastCut());
        int reach = 0;
        for (int i = 0; i <= machines.size(); i++) {
            int back = Math.max(reach, reachFromBack[i]);
            if (sizes.bytes(reach, back) <= least.bytes()) {
                least = between(sizes, reach, back);
            }
            if (i < machines.size()) {
                int from = reach;
                while (reach < sizes.lastCut() && sizes.bytes(from, reach + 1) <= machines.get(i).budgetBytes()) {
                    reach++;
                }
            }
        }
        return least;
    }

    private static Shortfall between(StageSizes sizes, int fromCut, int toCut) {
        return new Shortfall(sizes.bytes(fromCut, toCut), new Layers(sizes.layer(fromCut), sizes.layer(toCut)));
    }
}
