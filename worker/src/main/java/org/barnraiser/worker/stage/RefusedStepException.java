package org.barnraiser.worker.stage;

import org.barnraiser.proto.StepFailure.Kind;

/** Why a step was not computed. */
final class RefusedStepException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    RefusedStepException(Kind kind, String reason) {
        super(reason);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }
}
