package org.barnraiser.worker.shard;

/** The source of weights cannot be reached, or does not have a piece; asking again later may help. */
public final class WeightsUnavailableException extends ShardException {
    private static final long serialVersionUID = 1L;

    public WeightsUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }

    public WeightsUnavailableException(String message) {
        super(message);
    }
}
