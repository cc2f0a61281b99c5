package org.barnraiser.coordinator.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;

/** Whether the port for readers is free, or a Barnraiser is there already. */
final class PortCheck implements Check {
    private final int port;
    private final Endpoint here;

    /** @param here what may answer at this port of this machine */
    PortCheck(int port, Endpoint here) {
        this.port = port;
        this.here = here;
    }

    @Override
    public String subject() {
        return "port " + port;
    }

    @Override
    public List<Finding> findings() {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return List.of(Finding.ok(subject(), "It is free for readers."));
        } catch (IOException e) {
            return List.of(taken(e));
        }
    }

    private Finding taken(IOException refusal) {
        return switch (here.answer()) {
            case Endpoint.Cluster _ -> Finding.ok(subject(), "A Barnraiser answers readers here.");
            case Endpoint.Silence _ -> Finding.warning(subject(),
                    "Readers cannot be answered here: " + refusal.getMessage() + ".",
                    "Stop the program that uses it, or start Barnraiser with another --port.");
        };
    }
}
