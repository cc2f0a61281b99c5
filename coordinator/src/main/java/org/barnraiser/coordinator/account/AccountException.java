package org.barnraiser.coordinator.account;

/** Something about members cannot be done; the message is one sentence for people and never holds a key. */
public final class AccountException extends Exception {
    private static final long serialVersionUID = 1L;

    public AccountException(String message) {
        super(message);
    }

    AccountException(String message, Throwable cause) {
        super(message, cause);
    }
}
