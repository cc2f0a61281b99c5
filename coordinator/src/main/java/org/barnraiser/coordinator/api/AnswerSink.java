package org.barnraiser.coordinator.api;

import java.io.IOException;

/** Where answers go while they are generated. */
interface AnswerSink {

    /** A choice gained text. */
    void delta(int choice, Delta delta) throws IOException;

    /** A choice is complete. */
    void finished(int choice, FinishReason reason) throws IOException;

    /** Nothing has happened for a while. */
    void idle() throws IOException;
}
