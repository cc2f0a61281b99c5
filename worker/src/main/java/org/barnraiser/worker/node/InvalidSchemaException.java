package org.barnraiser.worker.node;

/** A JSON schema that cannot be turned into a grammar; the message says why. */
final class InvalidSchemaException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidSchemaException(String message) {
        super(message);
    }
}
