package org.barnraiser.worker.node;

import io.grpc.Status;

/** A call for a stage that is not here, or may not be, or for another epoch than the stage's. */
final class FencedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Status.Code code;

    private FencedException(Status.Code code, String message) {
        super(message);
        this.code = code;
    }

    static FencedException notHere(String pipelineId) {
        return new FencedException(Status.Code.NOT_FOUND, "No stage of pipeline " + shorten(pipelineId)
                + " is loaded here.");
    }

    static FencedException otherEpoch(long asked, long current) {
        return new FencedException(Status.Code.FAILED_PRECONDITION, asked < current
                ? "Epoch " + asked + " is over; this worker has epoch " + current + "."
                : "This worker still has epoch " + current + "; the stage must be loaded for epoch " + asked
                        + " first.");
    }

    static FencedException takenBack() {
        return new FencedException(Status.Code.FAILED_PRECONDITION, "This machine was taken back by its owner.");
    }

    Status status() {
        return Status.fromCode(code).withDescription(getMessage());
    }

    private static String shorten(String text) {
        return text.length() <= 64 ? text : text.substring(0, 64) + "…";
    }
}
