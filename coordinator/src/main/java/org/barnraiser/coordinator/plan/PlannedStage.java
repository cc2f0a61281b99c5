package org.barnraiser.coordinator.plan;

/**
 * One machine's part.
 *
 * @param machine who runs it
 * @param first its first layer
 * @param last the layer after its last one
 * @param memoryBytes what it takes there by the planner's estimate, without headroom
 */
public record PlannedStage(MachineOffer machine, int first, int last, long memoryBytes) {
    public Layers layers() {
        return new Layers(first, last);
    }
}
