package org.barnraiser.worker.shard;

/** Why a shard cannot be had. The message is one sentence for people. */
public abstract sealed class ShardException extends Exception
        permits InvalidShardSpecException, DamagedPieceException, NoSpaceException, WeightsUnavailableException {
    private static final long serialVersionUID = 1L;

    ShardException(String message) {
        super(message);
    }

    ShardException(String message, Throwable cause) {
        super(message, cause);
    }
}
