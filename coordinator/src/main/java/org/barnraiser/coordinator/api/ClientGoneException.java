package org.barnraiser.coordinator.api;

import java.io.IOException;

/** The client closed the connection, so there is nobody to answer. */
final class ClientGoneException extends IOException {
    private static final long serialVersionUID = 1L;

    ClientGoneException() {
        super("the client closed the connection");
    }
}
