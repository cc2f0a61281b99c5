package org.barnraiser.coordinator.schedule;

import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.ModelUnavailableException;

/** Something that runs sequences for as long as it lasts: a pipeline that is driven here, or the coordinator that leads. */
public interface SequenceRunner {

    /**
     * Runs a sequence from its tokens on; returns at once, from any thread. The listener hears every token that is sampled from now on,
     * in order, and then exactly one of {@link SequenceListener#onEnd} and {@link SequenceListener#onInterrupted}.
     *
     * @throws ModelUnavailableException when it takes no more, or has ended
     */
    Generation run(ResumableSequence sequence, SequenceListener listener) throws ModelUnavailableException;
}
