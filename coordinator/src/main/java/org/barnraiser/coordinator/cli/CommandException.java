package org.barnraiser.coordinator.cli;

/** A command cannot go on; the message is one sentence for the person at the terminal. */
class CommandException extends Exception {
    private static final long serialVersionUID = 1L;

    CommandException(String message) {
        super(message);
    }

    CommandException(String message, Throwable cause) {
        super(message, cause);
    }
}
