package org.barnraiser.coordinator.api;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * Hears when the client closes its connection while it waits for an answer.
 *
 * <p>A blocking server does not look at a connection between the request's last byte and the answer's first. This class
 * looks: it asks Jetty's selector for the next readable byte, which a FIN or RST makes readable too. A client that only
 * closes its sending side counts as gone. Bytes of a next request, which a pipelining client may send early, are handed
 * back to Jetty at the end; until then such a connection is no longer watched.
 */
final class ClientConnection implements AutoCloseable {
    private static final int EARLY_BYTES = 1024;

    private final EndPoint endPoint;
    private final Connection connection;
    private final Runnable onGone;
    private final Callback readable = new ReadInterest();
    /** Guarded by this, as {@code earlyBytes} is. */
    private boolean closed;
    private ByteBuffer earlyBytes = BufferUtil.EMPTY_BUFFER;

    private ClientConnection(EndPoint endPoint, Connection connection, Runnable onGone) {
        this.endPoint = endPoint;
        this.connection = connection;
        this.onGone = onGone;
    }

    /**
     * Watches the connection of a request whose body was read to its end.
     *
     * @param onGone called once at most, on a thread of Jetty's: must not block
     */
    static ClientConnection watch(HttpServletRequest request, Runnable onGone) {
        Connection connection = ServletContextRequest.getServletContextRequest(request).getConnectionMetaData()
                .getConnection();
        ClientConnection watched = new ClientConnection(connection.getEndPoint(), connection, onGone);
        watched.awaitReadable();
        return watched;
    }

    /** Drops the connection without waiting for anything that is still being sent. */
    static void abort(HttpServletRequest request) {
        ServletContextRequest.getServletContextRequest(request).getConnectionMetaData().getConnection().getEndPoint()
                .close();
    }

    /** Stops watching, before the answer is complete and Jetty itself reads again. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            if (earlyBytes.hasRemaining() && connection instanceof Connection.UpgradeTo jetty) {
                jetty.onUpgradeTo(earlyBytes);
            }
        }
        if (endPoint instanceof AbstractEndPoint jetty) {
            // Jetty has no way to withdraw the interest but to fail it; being closed, this class ignores the failure.
            jetty.getFillInterest().onFail(new IOException("no longer interested"));
        }
    }

    private void awaitReadable() {
        endPoint.tryFillInterested(readable);
    }

    private synchronized void read() {
        if (closed) {
            return;
        }
        ByteBuffer buffer = BufferUtil.allocate(EARLY_BYTES);
        int read;
        try {
            read = endPoint.fill(buffer);
        } catch (IOException reset) {
            read = -1;
        }
        if (read > 0) {
            earlyBytes = buffer;
        } else if (read == 0) {
            awaitReadable();
        } else {
            onGone.run();
        }
    }

    private synchronized void fail(Throwable cause) {
        if (closed) {
            return;
        }
        if (cause instanceof TimeoutException && endPoint.isOpen()) {
            awaitReadable();
        } else {
            onGone.run();
        }
    }

    /** Called by Jetty when there is something to read, an end of the stream included. */
    private final class ReadInterest implements Callback {
        @Override
        public void succeeded() {
            read();
        }

        @Override
        public void failed(Throwable cause) {
            fail(cause);
        }

        @Override
        public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
        }
    }
}
