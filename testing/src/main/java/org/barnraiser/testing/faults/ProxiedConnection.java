package org.barnraiser.testing.faults;

import java.io.IOException;
import java.net.Socket;
import java.util.function.Consumer;

/** One connection through a {@link FaultProxy}: two sockets and two {@link Lane}s. */
final class ProxiedConnection {
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
        Thread.ofVirtual().name("proxy-to-server").start(() -> pump(new Lane(client, server, toServer)));
        Thread.ofVirtual().name("proxy-to-client").start(() -> pump(new Lane(server, client, toClient)));
    }

    private void pump(Lane lane) {
        if (lane.run() == Lane.Ending.RESET) {
            reset();
        }
        directionEnded();
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
