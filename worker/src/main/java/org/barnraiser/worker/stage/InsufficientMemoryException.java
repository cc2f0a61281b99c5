package org.barnraiser.worker.stage;

import java.util.Locale;

/** The weights and the KV cache do not fit the memory that may be used. */
public final class InsufficientMemoryException extends Exception {
    private static final long serialVersionUID = 1L;

    public InsufficientMemoryException(long neededBytes, long usableBytes) {
        super(String.format(Locale.ROOT,
                "The stage needs %.1f MB of memory for its weights and its cache, but only %.1f MB"
                        + " may be used here; plan fewer layers or a smaller cache for this worker.",
                neededBytes / 1e6,
                usableBytes / 1e6));
    }
}
