package org.barnraiser.testing.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.function.Consumer;

/** One connection through a {@link FaultProxy}: two sockets and a thread per direction. */
final class ProxiedConnection {
    private static final int PIECE_BYTES = 16 << 10;

    private final Socket client;
    private final Socket server;
    private final Consumer<ProxiedConnection> onEnd;
    /** Guarded by this. */
    private int directionsLeft = 2;

    ProxiedConnection(Socket client, Socket server, Consumer<ProxiedConnection> onEnd) {
        this.client = client;
        this.server = server;
        this.onEnd = onEnd;
    }

    void start(Flow toServer, Flow toClient) {
        Thread.ofVirtual().name("proxy-to-server").start(() -> pump(client, server, toServer));
        Thread.ofVirtual().name("proxy-to-client").start(() -> pump(server, client, toClient));
    }

    private void pump(Socket from, Socket to, Flow flow) {
        byte[] piece = new byte[PIECE_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int read;
            while ((read = in.read(piece)) >= 0) {
                if (!flow.admit(read)) {
                    return;
                }
                out.write(piece, 0, read);
            }
            // An end travels like a byte: who is held does not hear of it.
            if (flow.admit(0)) {
                to.shutdownOutput();
            }
        } catch (IOException _) {
            // A reset travels too.
            abortAfter(flow);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            reset();
        } finally {
            directionEnded();
        }
    }

    private void abortAfter(Flow flow) {
        try {
            if (flow.admit(0)) {
                reset();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            reset();
        }
    }

    private void directionEnded() {
        synchronized (this) {
            directionsLeft--;
            if (directionsLeft > 0) {
                return;
            }
        }
        close(client);
        close(server);
        onEnd.accept(this);
    }

    /** Breaks both halves at once, with a reset instead of an end. */
    void reset() {
        reset(client);
        reset(server);
    }

    /** Closes a socket in the way that makes its peer see "connection reset". */
    static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException _) {
            // Closed already.
        }
        close(socket);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // There is nothing left to close.
        }
    }
}
