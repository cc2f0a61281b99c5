package org.barnraiser.coordinator.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** A port to which everyone can connect, and at which nothing is ever said: what a hung machine or a bad firewall looks like. */
final class BlackHole implements AutoCloseable {
    private final ServerSocket socket;

    BlackHole() throws IOException {
        socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    String address() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
