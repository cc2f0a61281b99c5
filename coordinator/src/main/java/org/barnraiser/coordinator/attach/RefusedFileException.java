package org.barnraiser.coordinator.attach;

/** No text could be taken out of a file. */
final class RefusedFileException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Refusal refusal;

    RefusedFileException(Refusal refusal) {
        super(refusal.sentence());
        this.refusal = refusal;
    }

    Refusal refusal() {
        return refusal;
    }
}
