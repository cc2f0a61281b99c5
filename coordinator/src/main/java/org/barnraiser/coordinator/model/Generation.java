package org.barnraiser.coordinator.model;

/** A running generation. */
public interface Generation {

    /** Ends it soon and frees its slot; harmless when it has ended. Never blocks. */
    void cancel();

    /**
     * Gives its slot up between two tokens until {@link #goOn()}; whoever listens hears of a pause. Never blocks.
     *
     * @return whether it did; false when it has ended or is one that cannot
     */
    default boolean setAside() {
        return false;
    }

    /** Goes on from its tokens after {@link #setAside()}. Never blocks. */
    default void goOn() {}
}
