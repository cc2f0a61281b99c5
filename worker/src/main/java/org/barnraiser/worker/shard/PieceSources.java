package org.barnraiser.worker.shard;

import java.util.List;
import java.util.Set;
import org.barnraiser.proto.Piece;

/** Where the pieces of one shard can be had. What any of them delivers is verified. Safe for use by several threads. */
public interface PieceSources {

    /** Whom to ask for a piece, best first; who is asked in vain, or delivers wrong bytes, is followed by the next. */
    List<PieceSource> of(Piece piece);

    /** How many have a piece, besides those that have all; what few have is fetched first. */
    default int copies(Piece piece) {
        return 0;
    }

    /** How many pieces may be fetched at the same time. */
    default int width() {
        return 1;
    }

    /** A source has delivered other bytes than those of the piece. */
    default void onWrong(PieceSource source, Piece piece) {
        // Who has only one source has no choice.
    }

    /**
     * Which of these pieces, by sha256, must stay on this disk because nobody else has them. What is not named may be deleted
     * by the caller. May block.
     */
    default Set<String> mustKeep(String modelDigest, Set<String> pieces) {
        return Set.of();
    }
}
