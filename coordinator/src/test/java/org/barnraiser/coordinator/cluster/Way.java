package org.barnraiser.coordinator.cluster;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A way to a server on this machine that can be cut: the connections break, and new ones break at once. It can be long, too, and hold
 * everything up for a while, as a line that is filled does.
 */
final class Way implements AutoCloseable {
    private static final int PIECE_BYTES = 16 << 10;
    private static final int MOST_ON_THE_WAY = 1024;

    private final ServerSocket entrance = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    private final InetSocketAddress server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;
    private volatile long delayNanos;
    private volatile long heldUntilNanos = System.nanoTime();

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

    /** What is sent from now on takes so long, in each direction. */
    void far(Duration delay) {
        delayNanos = delay.toNanos();
    }

    /** Nothing arrives for so long from now on, and nobody is told; then all of it does. */
    void holdUp(Duration time) {
        heldUntilNanos = System.nanoTime() + time.toNanos();
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
        BlockingQueue<Piece> onTheWay = new LinkedBlockingQueue<>(MOST_ON_THE_WAY);
        Thread arriving = Thread.ofVirtual().start(() -> arrive(onTheWay, to));
        byte[] buffer = new byte[PIECE_BYTES];
        try (from; to) {
            for (int count = from.getInputStream().read(buffer); count >= 0; count = from.getInputStream()
                    .read(buffer)) {
                onTheWay.put(new Piece(ByteString.copyFrom(buffer, 0, count), System.nanoTime() + delayNanos));
            }
        } catch (IOException | InterruptedException _) {
            // Cut.
        } finally {
            arriving.interrupt();
            open.remove(from);
        }
    }

    private void arrive(BlockingQueue<Piece> onTheWay, Socket to) {
        try {
            while (true) {
                Piece piece = onTheWay.take();
                long held = heldUntilNanos;
                long now = System.nanoTime();
                TimeUnit.NANOSECONDS.sleep(Math.max(piece.dueNanos() - now, held - now));
                piece.bytes().writeTo(to.getOutputStream());
            }
        } catch (IOException | InterruptedException _) {
            close(to);
        }
    }

    private record Piece(ByteString bytes, long dueNanos) {}

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
