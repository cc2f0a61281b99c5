package org.barnraiser.coordinator.model;

/** A running generation. */
public interface Generation {

    /** Ends it soon and frees its slot; harmless when it has ended. Never blocks. */
    void cancel();
}
