package org.barnraiser.coordinator.download;

/** Something cannot be fetched; the message is one sentence that says what to do. */
public sealed class DownloadException extends Exception permits ChangedFileException {
    private static final long serialVersionUID = 1L;

    private final int status;

    public DownloadException(String message) {
        this(message, 0);
    }

    DownloadException(String message, int status) {
        super(message);
        this.status = status;
    }

    public DownloadException(String message, Throwable cause) {
        super(message, cause);
        status = 0;
    }

    /** The HTTP status that the server refused with; 0 when it was something else. */
    public int status() {
        return status;
    }
}
