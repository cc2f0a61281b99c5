package org.barnraiser.coordinator.model;

/** Removes workers from the cluster: their certificates do not count any more. */
public interface WorkerRemoval {

    /** Removes it, if it has a certificate that was signed here. Blocks for a moment. */
    WorkerWishes.Outcome remove(String workerId);
}
