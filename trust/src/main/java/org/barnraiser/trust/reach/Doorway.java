package org.barnraiser.trust.reach;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An address of this machine alone, behind which a member is that cannot be dialled: gRPC dials it and knows nothing of the way. */
final class Doorway implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Doorway.class);
    private static final int WAITING = 16;

    private final String line;
    private final Approach approach;
    private final ServerSocket door;
    /** How those get to the member that are connected now. */
    private final Map<Socket, Way> through = new ConcurrentHashMap<>();

    private Doorway(String line, Approach approach, ServerSocket door) {
        this.line = line;
        this.approach = approach;
        this.door = door;
    }

    static Doorway open(String line, Approach approach) throws IOException {
        var door = new Doorway(line, approach, new ServerSocket(0, WAITING, InetAddress.ofLiteral("127.0.0.1")));
        Thread.ofVirtual().name("doorway").start(door::accept);
        return door;
    }

    SocketAddress address() {
        return door.getLocalSocketAddress();
    }

    /** How connections through here get to the member now; empty when there is none. */
    Optional<Way> way() {
        through.keySet().removeIf(Socket::isClosed);
        return through.values().stream().findAny();
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket caller = door.accept();
                Thread.ofVirtual().name("approach").start(() -> pass(caller));
            } catch (IOException e) {
                if (!door.isClosed()) {
                    LOG.warn("A connection on this machine failed: {}", e.getMessage());
                }
            }
        }
    }

    private void pass(Socket caller) {
        boolean passed = false;
        try {
            caller.setTcpNoDelay(true);
            Optional<Approach.Arrival> arrival = approach.to(line);
            if (arrival.isPresent()) {
                LOG.info("{} is reached: {}.", Whereabouts.memberOf(line), arrival.get().way().words());
                through.keySet().removeIf(Socket::isClosed);
                through.put(caller, arrival.get().way());
                var _ = SocketPipe.join(caller, arrival.get().pipe());
                passed = true;
            } else {
                LOG.info("{} is reached in no way at the moment.", Whereabouts.memberOf(line));
            }
        } catch (IOException e) {
            LOG.debug("A connection on this machine has ended: {}", e.toString());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warn("{} cannot be reached", Whereabouts.memberOf(line), e);
        } finally {
            if (!passed) {
                close(caller);
            }
        }
    }

    private static void close(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("A socket does not close: {}", e.toString());
        }
    }

    /** New connections are not taken; those that are there go on. */
    @Override
    public void close() {
        close(door);
    }
}
