package org.barnraiser.worker.shard;

/** A shard description that contradicts itself or exceeds a limit; nothing was written. */
public final class InvalidShardSpecException extends ShardException {
    private static final long serialVersionUID = 1L;

    public InvalidShardSpecException(String message) {
        super(message);
    }
}
