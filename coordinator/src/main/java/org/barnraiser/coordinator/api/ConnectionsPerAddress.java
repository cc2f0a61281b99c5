package org.barnraiser.coordinator.api;

import com.google.common.collect.ConcurrentHashMultiset;
import com.google.common.collect.Multiset;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.io.Connection;

/**
 * Closes connections of an address that has too many already, so that one machine cannot keep all others out. This machine's own are not
 * counted: a proxy may run here.
 */
final class ConnectionsPerAddress implements Connection.Listener {
    private final int limit;
    private final Multiset<InetAddress> open = ConcurrentHashMultiset.create();
    /** Which connections are counted, and as whose. */
    private final Map<Connection, InetAddress> counted = new ConcurrentHashMap<>();

    ConnectionsPerAddress(int limit) {
        this.limit = limit;
    }

    @Override
    public void onOpened(Connection connection) {
        Optional<InetAddress> address = address(connection);
        if (address.isEmpty() || address.get().isLoopbackAddress()) {
            return;
        }
        if (!tryAdd(address.get())) {
            connection.getEndPoint().close();
            return;
        }
        counted.put(connection, address.get());
    }

    @Override
    public void onClosed(Connection connection) {
        InetAddress address = counted.remove(connection);
        if (address != null) {
            remove(address);
        }
    }

    /** Whether this address may have one more. */
    boolean tryAdd(InetAddress address) {
        if (open.add(address, 1) < limit) {
            return true;
        }
        remove(address);
        return false;
    }

    void remove(InetAddress address) {
        open.remove(address, 1);
    }

    private static Optional<InetAddress> address(Connection connection) {
        return connection.getEndPoint().getRemoteSocketAddress() instanceof InetSocketAddress remote
                ? Optional.ofNullable(remote.getAddress())
                : Optional.empty();
    }
}
