package org.barnraiser.coordinator.lead;

/** A sequence from another coordinator that cannot be run; the message says why, without a token of it. */
final class InvalidSequenceException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidSequenceException(String reason) {
        super(reason);
    }
}
