package org.barnraiser.coordinator.web;

/** A branding file that cannot be used; the message says why, without a full stop. */
final class InvalidBrandingException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidBrandingException(String reason) {
        super(reason);
    }
}
