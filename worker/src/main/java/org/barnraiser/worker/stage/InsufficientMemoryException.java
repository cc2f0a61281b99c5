package org.barnraiser.worker.stage;

/** The weights and the KV cache do not fit the memory that may be used. */
public final class InsufficientMemoryException extends Exception {
    private static final long serialVersionUID = 1L;

    public InsufficientMemoryException(long neededBytes, long usableBytes) {
        super("The stage needs " + neededBytes + " bytes of memory for its weights and its cache, but only "
                + usableBytes + " bytes may be used here; plan fewer layers or a smaller cache for this worker.");
    }
}
