package org.barnraiser.worker.shard;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.barnraiser.proto.Piece;

/** Where a worker gets tensor bytes from: today the coordinator. What it delivers is not trusted; the cache verifies it. */
public interface PieceSource {

    /**
     * Delivers the whole piece, in order, in chunks of any size. Blocks; ends early when the thread is interrupted.
     *
     * @throws WeightsUnavailableException when the source is out of reach or does not have the piece
     * @throws IOException as thrown by the sink
     */
    void read(String modelDigest, Piece piece, Sink sink)
            throws WeightsUnavailableException, IOException, InterruptedException;

    /** Takes chunks in order. */
    interface Sink {
        void accept(ByteBuffer chunk) throws IOException;
    }
}
