package org.barnraiser.trust.reach;

import com.google.protobuf.ByteString;

/** One side of a connection whose bytes are passed to another one without a look at them. Thread-safe; no method blocks. */
interface Pipe {
    /** Lets go what came from the other side; called by one thread at a time. */
    void send(ByteString bytes);

    /** Whether more may be sent now; when it becomes true, the other side's {@link #resume()} is called. */
    boolean isReady();

    /** The other side takes more again. */
    void resume();

    /** The connection is over, once what was sent is gone. Idempotent. */
    void end();
}
