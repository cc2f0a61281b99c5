package org.barnraiser.operator.kube;

import java.io.Serial;

/** The API server refused something, or did not answer (status 0). */
public final class KubeException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final int status;

    KubeException(int status, String message) {
        super(message);
        this.status = status;
    }

    KubeException(String message, Throwable cause) {
        super(message, cause);
        this.status = 0;
    }

    /** Of HTTP; 0 when there was no answer. */
    public int status() {
        return status;
    }

    /** Somebody else changed it in between, or it exists already. */
    public boolean isConflict() {
        return status == 409;
    }

    /** The past that was asked for is not kept any more. */
    public boolean isGone() {
        return status == 410;
    }

    /** The request itself is wrong, so that repeating it will not help. */
    public boolean isRefused() {
        return status == 400 || status == 403 || status == 422;
    }
}
