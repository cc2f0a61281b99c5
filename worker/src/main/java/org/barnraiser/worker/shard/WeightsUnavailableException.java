package org.barnraiser.worker.shard;

/** The source of weights cannot be reached, or does not have a piece; asking again later may help. */
public final class WeightsUnavailableException extends ShardException {
    private static final long serialVersionUID = 1L;

    private final boolean refusal;

    public WeightsUnavailableException(String message, Throwable cause) {
        this(message, cause, false);
    }

    /** @param refusal whether the source answered, so that it may have other pieces */
    public WeightsUnavailableException(String message, Throwable cause, boolean refusal) {
        super(message, cause);
        this.refusal = refusal;
    }

    public WeightsUnavailableException(String message) {
        super(message);
        refusal = false;
    }

    /** Whether the source answered that it does not have the piece, or is too busy. */
    public boolean isRefusal() {
        return refusal;
    }
}
