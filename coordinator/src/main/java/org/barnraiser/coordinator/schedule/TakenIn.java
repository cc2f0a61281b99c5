package org.barnraiser.coordinator.schedule;

import org.barnraiser.coordinator.model.Generation;

/**
 * By which whoever submitted a sequence to a driver takes it out again.
 *
 * @param leave ends it as cancelled; harmless when it has ended
 */
record TakenIn(Sequence sequence, Runnable leave) implements Generation {
    @Override
    public void cancel() {
        leave.run();
    }

    /** Ends it here, and what the caches hold of it is kept for when it comes back. */
    @Override
    public boolean setAside() {
        sequence.setAside();
        leave.run();
        return true;
    }
}
