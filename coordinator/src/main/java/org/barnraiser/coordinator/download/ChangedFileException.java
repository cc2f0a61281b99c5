package org.barnraiser.coordinator.download;

/** The server has another version of the file now; parts of two versions must not meet. */
public final class ChangedFileException extends DownloadException {
    private static final long serialVersionUID = 1L;

    ChangedFileException(RemoteFile file) {
        super(file.name() + " has changed at " + file.uri().getHost()
                + " while it was fetched; nothing of it was kept. Run the same command again to fetch the new one.");
    }
}
