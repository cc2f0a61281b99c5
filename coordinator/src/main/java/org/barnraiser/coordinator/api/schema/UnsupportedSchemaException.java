package org.barnraiser.coordinator.api.schema;

/** A schema that no grammar can hold an answer to; the message names what in it. */
public final class UnsupportedSchemaException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnsupportedSchemaException(String message) {
        super(message);
    }
}
