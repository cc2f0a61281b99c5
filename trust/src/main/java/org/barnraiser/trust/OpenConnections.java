package org.barnraiser.trust;

import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** Counts a server's connections before anything is read from them. Thread-safe. */
final class OpenConnections {
    private final Semaphore places;
    private final int perAddress;
    private final Map<InetAddress, Integer> open = new ConcurrentHashMap<>();

    OpenConnections(ServerLimits limits) {
        places = new Semaphore(limits.connections());
        perAddress = limits.connectionsPerAddress();
    }

    /** Whether this address may have one more; then it has to be given back. */
    boolean tryAdd(InetAddress address) {
        if (!places.tryAcquire()) {
            return false;
        }
        if (!address.isLoopbackAddress() && open.merge(address, 1, Integer::sum) > perAddress) {
            remove(address);
            return false;
        }
        return true;
    }

    void remove(InetAddress address) {
        open.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
        places.release();
    }
}
