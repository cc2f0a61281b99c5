package org.barnraiser.coordinator.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way to a server on this machine that can be cut: the connections break, and new ones break at once. */
final class Way implements AutoCloseable {
    private final ServerSocket entrance = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    private final InetSocketAddress server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;

    private Way(InetSocketAddress server) throws IOException {
        this.server = server;
    }

    /** @param connectString {@code host:port} */
    static Way to(String connectString) throws IOException {
        int colon = connectString.lastIndexOf(':');
        Way way = new Way(new InetSocketAddress(connectString.substring(0, colon),
                Integer.parseInt(connectString.substring(colon + 1))));
        Thread.ofVirtual().start(way::accept);
        return way;
    }

    String connectString() {
        return "127.0.0.1:" + entrance.getLocalPort();
    }

    void cut() {
        cut = true;
        open.forEach(Way::close);
    }

    void heal() {
        cut = false;
    }

    private void accept() {
        while (!entrance.isClosed()) {
            try {
                Socket near = entrance.accept();
                Socket far = new Socket();
                open.add(near);
                open.add(far);
                if (cut) {
                    close(near);
                    continue;
                }
                far.connect(server);
                Thread.ofVirtual().start(() -> pump(near, far));
                Thread.ofVirtual().start(() -> pump(far, near));
            } catch (IOException _) {
                // Nobody is there any more, or the way is closed.
            }
        }
    }

    private void pump(Socket from, Socket to) {
        try (from; to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException _) {
            // Cut.
        } finally {
            open.remove(from);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // It is as good as closed.
        }
    }

    @Override
    public void close() throws IOException {
        entrance.close();
        cut();
    }
}
