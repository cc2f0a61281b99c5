package org.barnraiser.coordinator.cluster;

/** Another coordinator has written a newer plan. */
final class PlanConflictException extends Exception {
    private static final long serialVersionUID = 1L;

    PlanConflictException(String message, Throwable cause) {
        super(message, cause);
    }
}
