package org.barnraiser.testing.faults;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A TCP proxy on this machine that can break what passes through it. Every verb counts at once, for the connections that are there
 * and for new ones, and takes the place of the verb before. Bytes are never lost or changed inside a connection: as with real TCP, what
 * does not get through waits, and comes when the link heals. Callable from any thread; no verb blocks.
 */
public final class FaultProxy implements AutoCloseable {
    private static final int MAX_CONNECTIONS = 512;
    private static final int CONNECT_MILLIS = 2_000;

    private final ServerSocket listener;
    private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();
    private final Flow toServer = new Flow();
    private final Flow toClient = new Flow();
    private volatile InetSocketAddress target;
    private volatile boolean cut;

    /** Which bytes, seen from whoever opened the connection. */
    public enum Direction {
        TO_SERVER, TO_CLIENT
    }

    private FaultProxy(ServerSocket listener, InetSocketAddress target) {
        this.listener = listener;
        this.target = target;
    }

    /** Opens a proxy on a free port of the loopback address; {@code target} need not be there yet. */
    public static FaultProxy to(InetSocketAddress target) throws IOException {
        var proxy = new FaultProxy(new ServerSocket(0, MAX_CONNECTIONS, InetAddress.getLoopbackAddress()), target);
        Thread.ofVirtual().name("proxy-" + proxy.port()).start(proxy::accept);
        return proxy;
    }

    /** Bytes that have gone on in one direction, over all connections so far. */
    public long carriedBytes(Direction direction) {
        return flow(direction).carriedBytes();
    }

    /** Where new connections lead from now on. */
    public void retarget(InetSocketAddress next) {
        target = next;
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** {@code host:port} of the proxy itself. */
    public String address() {
        return listener.getInetAddress().getHostAddress() + ":" + port();
    }

    /** Connections that are open through it. */
    public int connections() {
        return connections.size();
    }

    /** Resets every connection on both sides, and new ones as soon as they are made. */
    public void cut() {
        cut = true;
        connections.forEach(ProxiedConnection::reset);
        // Threads that hold something find their sockets closed.
        pass();
    }

    /** Nothing gets through in one direction, and nobody is told; the other direction is free. */
    public void halfOpen(Direction held) {
        cut = false;
        flow(held).set(new Flow.Pace.Held());
        flow(other(held)).set(new Flow.Pace.Free());
    }

    /** Nothing gets through in any direction, and nobody is told. */
    public void blackHole() {
        cut = false;
        toServer.set(new Flow.Pace.Held());
        toClient.set(new Flow.Pace.Held());
    }

    /** Each piece of at most 16 KiB is held for {@code delay} and then for its turn at so many bytes per second. */
    public void slow(Direction direction, Duration delay, long bytesPerSecond) {
        cut = false;
        flow(direction).set(new Flow.Pace.Slow(delay, bytesPerSecond));
    }

    /** {@link #slow(Direction, Duration, long)} in both directions. */
    public void slow(Duration delay, long bytesPerSecond) {
        slow(Direction.TO_SERVER, delay, bytesPerSecond);
        slow(Direction.TO_CLIENT, delay, bytesPerSecond);
    }

    /** As over a long cable, in both directions: much may be on the way at once, and arrives {@code delay} after it has left. */
    public void far(Duration delay, long bytesPerSecond) {
        cut = false;
        toServer.set(new Flow.Pace.Far(delay, bytesPerSecond));
        toClient.set(new Flow.Pace.Far(delay, bytesPerSecond));
    }

    /** As good as new: what was held goes on, and new connections are welcome. */
    public void heal() {
        cut = false;
        pass();
    }

    private void pass() {
        toServer.set(new Flow.Pace.Free());
        toClient.set(new Flow.Pace.Free());
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Thread.ofVirtual().name("proxy-connect").start(() -> connect(client));
            } catch (IOException _) {
                // The proxy is closed, or the client left before it was accepted.
            }
        }
    }

    private void connect(Socket client) {
        if (cut || connections.size() >= MAX_CONNECTIONS) {
            ProxiedConnection.reset(client);
            return;
        }
        Socket server = new Socket();
        try {
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            server.connect(target, CONNECT_MILLIS);
        } catch (IOException _) {
            ProxiedConnection.reset(client);
            ProxiedConnection.reset(server);
            return;
        }
        join(client, server);
    }

    private void join(Socket client, Socket server) {
        var connection = new ProxiedConnection(client, server, connections::remove);
        connections.add(connection);
        if (cut || listener.isClosed()) {
            // Before anything that was sent meanwhile gets through.
            connection.reset();
            connections.remove(connection);
            return;
        }
        connection.start(toServer, toClient);
    }

    private Flow flow(Direction direction) {
        return direction == Direction.TO_SERVER ? toServer : toClient;
    }

    private static Direction other(Direction direction) {
        return direction == Direction.TO_SERVER ? Direction.TO_CLIENT : Direction.TO_SERVER;
    }

    /** Resets what is open; the port is free again. */
    @Override
    public void close() throws IOException {
        listener.close();
        toServer.close();
        toClient.close();
        connections.forEach(ProxiedConnection::reset);
    }
}
