package org.barnraiser.coordinator.api;

import java.io.IOException;
import java.util.Optional;

/** Where answers go while they are generated. */
interface AnswerSink {

    /** A choice gained something. */
    void delta(int choice, Delta delta) throws IOException;

    /** A choice is complete. */
    void finished(int choice, Finish finish) throws IOException;

    /**
     * Nothing has happened for a while.
     *
     * @param pause why not, when the answer waits for machines
     */
    void idle(Optional<String> pause) throws IOException;
}
