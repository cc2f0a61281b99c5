package org.barnraiser.worker.shard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.barnraiser.proto.Piece;

/** One place to get tensor bytes from. What it delivers is not trusted; the cache verifies it. */
public interface PieceSource extends PieceSources {

    /**
     * Delivers the whole piece, in order, in chunks of any size. Blocks; ends early when the thread is interrupted.
     *
     * @throws WeightsUnavailableException when the source is out of reach or does not have the piece
     * @throws IOException as thrown by the sink
     */
    void read(String modelDigest, Piece piece, Sink sink)
            throws WeightsUnavailableException, IOException, InterruptedException;

    /** This source alone. */
    @Override
    default List<PieceSource> of(Piece piece) {
        return List.of(this);
    }

    /** Takes chunks in order. */
    interface Sink {
        void accept(ByteBuffer chunk) throws IOException;
    }
}
