package org.barnraiser.coordinator.schedule;

import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.ModelUnavailableException;

/**
 * Something that runs sequences for as long as it lasts: a pipeline that is driven here, or the coordinator that leads.
 *
 * <p>A runner that ends refuses from then on, and only then gives back, by {@link SequenceListener#onInterrupted}, what it ran: so
 * whoever asks it again from within that call learns that it is over.
 */
public interface SequenceRunner {

    /**
     * Runs a sequence from its tokens on; returns at once, from any thread. The listener hears every token that is sampled from now on,
     * in order, and then exactly one of {@link SequenceListener#onEnd} and {@link SequenceListener#onInterrupted}; it may hear of them
     * before this returns.
     *
     * @throws ModelUnavailableException when it takes no more for the moment ({@link ModelUnavailableException#isQueueFull()}), or has
     *         ended
     * @throws PromptTooLongException when the context here has no room for an answer
     */
    Generation run(ResumableSequence sequence, SequenceListener listener) throws ModelUnavailableException;

    /** How many sequences it has at this moment, running and waiting; 0 when it does not know. Never blocks. */
    default int load() {
        return 0;
    }
}
