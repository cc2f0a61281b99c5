package org.barnraiser.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for processes that must be told theirs. They lie below those that the system takes for outgoing connections, one of which would otherwise
 * now and then sit on a port that was free a moment before.
 */
public final class FreePort {
    private static final int FIRST = 10_240;
    private static final int LAST = 32_767;
    private static final int TRIES = 1_000;
    private static final Set<Integer> TAKEN = ConcurrentHashMap.newKeySet();

    private FreePort() {}

    /** A port of the loopback address on which nothing listens; never the same twice. */
    public static int take() throws IOException {
        for (int tries = 0; tries < TRIES; tries++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            if (TAKEN.add(port) && isFree(port)) {
                return port;
            }
        }
        throw new IOException("no free port was found between " + FIRST + " and " + LAST);
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException _) {
            return false;
        }
    }
}
