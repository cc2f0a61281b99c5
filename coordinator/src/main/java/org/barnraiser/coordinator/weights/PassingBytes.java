package org.barnraiser.coordinator.weights;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import org.barnraiser.coordinator.download.DownloadException;
import org.barnraiser.coordinator.download.RemoteFile;
import org.barnraiser.coordinator.download.WebClient;
import org.jspecify.annotations.Nullable;

/** A range of a file on a web server, passed through: no more than one chunk of it is here at a time. */
final class PassingBytes implements PieceBytes {
    private final WebClient web;
    private final RemoteFile file;
    private final long offsetBytes;
    private final long lengthBytes;
    /** Guarded by this. */
    private @Nullable InputStream stream;
    private boolean closed;

    PassingBytes(WebClient web, RemoteFile file, long offsetBytes, long lengthBytes) {
        this.web = web;
        this.file = file;
        this.offsetBytes = offsetBytes;
        this.lengthBytes = lengthBytes;
    }

    @Override
    public ByteString next(int atMost) throws IOException, InterruptedException {
        byte[] bytes = stream().readNBytes(atMost);
        if (bytes.length == 0) {
            throw new IOException(file.uri().getHost() + " broke off within " + file.name());
        }
        return ByteString.copyFrom(bytes);
    }

    private InputStream stream() throws IOException, InterruptedException {
        synchronized (this) {
            if (stream != null) {
                return stream;
            }
        }
        InputStream opened;
        try {
            opened = web.range(file, offsetBytes, lengthBytes);
        } catch (DownloadException e) {
            throw new IOException(e.getMessage(), e);
        }
        synchronized (this) {
            stream = opened;
            if (closed) {
                opened.close();
            }
            return opened;
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (stream != null) {
            try {
                stream.close();
            } catch (IOException _) {
                // Nobody reads on.
            }
        }
    }
}
