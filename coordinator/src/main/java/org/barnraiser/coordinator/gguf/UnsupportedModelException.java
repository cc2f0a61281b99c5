package org.barnraiser.coordinator.gguf;

/** A sound model file whose architecture, or a trait of it, cannot be split exactly. The message says why and what is supported. */
public final class UnsupportedModelException extends GgufException {
    private static final long serialVersionUID = 1L;

    UnsupportedModelException(String message) {
        super(Kind.UNSUPPORTED_MODEL, message);
    }
}
