package org.barnraiser.trust;

/** The coordinator cannot be asked now; it may be later. */
public final class UnreachableException extends TrustException {
    private static final long serialVersionUID = 1L;

    UnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
