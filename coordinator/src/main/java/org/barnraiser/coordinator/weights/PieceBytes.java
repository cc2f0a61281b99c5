package org.barnraiser.coordinator.weights;

import com.google.protobuf.ByteString;
import java.io.IOException;

/** The bytes of one range, read from its beginning to its end by one thread; any thread may close it, which ends a read. */
interface PieceBytes extends AutoCloseable {

    /**
     * The next bytes; may block for as long as a disk or a server takes.
     *
     * @param atMost above zero, and no more than are left
     * @return at least one byte
     * @throws IOException when they cannot be had; the message says why
     */
    ByteString next(int atMost) throws IOException, InterruptedException;

    @Override
    void close();
}
