package org.barnraiser.trust;

/** Something about keys and certificates is not as it must be; the message is a sentence for people and holds no secrets. */
public class TrustException extends Exception {
    private static final long serialVersionUID = 1L;

    public TrustException(String message) {
        super(message);
    }

    public TrustException(String message, Throwable cause) {
        super(message, cause);
    }
}
