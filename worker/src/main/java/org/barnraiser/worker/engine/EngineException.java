package org.barnraiser.worker.engine;

/** An engine cannot be installed; the message is one sentence for people, with what to do. */
final class EngineException extends Exception {
    private static final long serialVersionUID = 1L;

    EngineException(String message) {
        super(message);
    }

    EngineException(String message, Throwable cause) {
        super(message, cause);
    }
}
