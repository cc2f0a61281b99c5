package org.barnraiser.coordinator.model;

/** A JSON schema that cannot be turned into a grammar; the message says why. */
public class InvalidSchemaException extends Exception {
    private static final long serialVersionUID = 1L;

    public InvalidSchemaException(String reason) {
        super(reason);
    }
}
