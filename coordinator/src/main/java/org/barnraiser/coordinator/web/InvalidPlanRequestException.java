package org.barnraiser.coordinator.web;

/** A question about a plan that makes no sense; the message is one sentence for the one who asked. */
final class InvalidPlanRequestException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidPlanRequestException(String sentence) {
        super(sentence);
    }
}
