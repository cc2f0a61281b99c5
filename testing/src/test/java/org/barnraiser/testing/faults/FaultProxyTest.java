package org.barnraiser.testing.faults;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

class FaultProxyTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** Long enough that something that gets through would have come. */
    private static final int SILENCE_MILLIS = 300;

    private ServerSocket server;
    private FaultProxy proxy;
    private final BlockingQueue<Socket> accepted = new LinkedBlockingQueue<>();

    /** Filled in before each test. */
    @SuppressWarnings("NullAway.Init")
    FaultProxyTest() {}

    @BeforeEach
    void open() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    accepted.add(server.accept());
                } catch (IOException _) {
                    // Closed.
                }
            }
        });
        proxy = FaultProxy.to(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
        server.close();
    }

    @Test
    void bytes_and_the_end_pass_in_both_directions() throws Exception {
        try (Socket client = connect(); Socket peer = peer()) {
            say(client, "ping");
            assertThat(hear(peer, 4)).isEqualTo("ping");
            assertThat(proxy.carriedBytes(FaultProxy.Direction.TO_SERVER)).isEqualTo(4);
            say(peer, "pong");
            assertThat(hear(client, 4)).isEqualTo("pong");
            client.shutdownOutput();
            assertThat(peer.getInputStream().read()).isEqualTo(-1);
            say(peer, "last");
            assertThat(hear(client, 4)).isEqualTo("last");
            peer.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        await().atMost(PATIENCE).until(() -> proxy.connections() == 0);
    }

    @Test
    void a_cut_resets_both_sides_and_whoever_comes_after() throws Exception {
        try (Socket client = connect(); Socket peer = peer()) {
            say(client, "a");
            hear(peer, 1);
            proxy.cut();
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThatThrownBy(() -> peer.getInputStream().read()).isInstanceOf(SocketException.class);
            try (Socket late = connect()) {
                assertThatThrownBy(() -> late.getInputStream().read()).isInstanceOf(SocketException.class);
            }
            proxy.heal();
            try (Socket next = connect(); Socket nextPeer = peer()) {
                say(next, "b");
                assertThat(hear(nextPeer, 1)).isEqualTo("b");
            }
        }
    }

    @Test
    void a_link_that_is_half_open_lets_one_direction_through() throws Exception {
        try (Socket client = connect(); Socket peer = peer()) {
            proxy.halfOpen(FaultProxy.Direction.TO_CLIENT);
            say(client, "to server");
            assertThat(hear(peer, 9)).isEqualTo("to server");
            say(peer, "to client");
            assertSilent(client);
            proxy.heal();
            assertThat(hear(client, 9)).isEqualTo("to client");
        }
    }

    @Test
    void much_may_be_on_the_way_at_once_over_a_long_cable() throws Exception {
        try (Socket client = connect(); Socket peer = peer()) {
            proxy.far(Duration.ofMillis(200), 1_000_000);
            long startNanos = System.nanoTime();
            for (int number = 10; number < 60; number++) {
                say(client, Integer.toString(number));
            }
            assertThat(hear(peer, 2)).isEqualTo("10");
            assertThat(System.nanoTime() - startNanos).isGreaterThanOrEqualTo(200_000_000L);
            assertThat(hear(peer, 98)).startsWith("1112").endsWith("5859");
            // One after the other they would have taken ten seconds.
            assertThat(System.nanoTime() - startNanos).isLessThan(8_000_000_000L);
        }
    }

    @Test
    void no_more_bytes_per_second_arrive_than_a_cable_carries() throws Exception {
        try (Socket client = connect(); Socket peer = peer()) {
            proxy.far(Duration.ZERO, 100_000);
            long startNanos = System.nanoTime();
            say(client, "x".repeat(50_000));
            hear(peer, 50_000);
            assertThat(System.nanoTime() - startNanos).isGreaterThanOrEqualTo(490_000_000L);
        }
    }

    @Test
    void a_black_hole_holds_everything_the_end_included_until_it_heals() throws Exception {
        try (Socket client = connect(); Socket peer = peer()) {
            proxy.blackHole();
            say(client, "there");
            say(peer, "back");
            assertSilent(peer);
            assertSilent(client);
            client.shutdownOutput();
            assertSilent(peer);
            try (Socket late = connect(); Socket latePeer = peer()) {
                say(late, "late");
                assertSilent(latePeer);
                proxy.heal();
                assertThat(hear(latePeer, 4)).isEqualTo("late");
            }
            assertThat(hear(peer, 5)).isEqualTo("there");
            assertThat(hear(client, 4)).isEqualTo("back");
            assertThat(peer.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void a_reset_is_not_told_through_a_black_hole() throws Exception {
        Socket client = connect();
        try (Socket peer = peer()) {
            proxy.blackHole();
            ProxiedConnection.reset(client);
            assertSilent(peer);
            proxy.heal();
            assertThatThrownBy(() -> peer.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void a_slow_link_keeps_its_rate_and_its_delay_and_loses_nothing() throws Exception {
        try (Socket client = connect(); Socket peer = peer()) {
            proxy.slow(FaultProxy.Direction.TO_SERVER, Duration.ofMillis(50), 100_000);
            byte[] sent = new byte[50_000];
            for (int i = 0; i < sent.length; i++) {
                sent[i] = (byte) (i * 31);
            }
            long startNanos = System.nanoTime();
            client.getOutputStream().write(sent);
            assertThat(peer.getInputStream().readNBytes(sent.length)).isEqualTo(sent);
            assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isGreaterThan(Duration.ofMillis(500));
        }
    }

    @Test
    void what_is_slow_comes_at_once_when_the_link_heals() throws Exception {
        try (Socket client = connect(); Socket peer = peer()) {
            proxy.slow(Duration.ofHours(1), 1);
            say(client, "hello");
            assertSilent(peer);
            proxy.heal();
            assertThat(hear(peer, 5)).isEqualTo("hello");
        }
    }

    @Test
    void a_black_hole_can_be_cut_and_a_cut_can_become_a_black_hole() throws Exception {
        try (Socket client = connect(); Socket peer = peer()) {
            proxy.blackHole();
            say(client, "a");
            proxy.cut();
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThatThrownBy(() -> peer.getInputStream().read()).isInstanceOf(SocketException.class);
            proxy.blackHole();
            try (Socket late = connect(); Socket latePeer = peer()) {
                say(late, "b");
                assertSilent(latePeer);
            }
        }
    }

    @Test
    void without_a_server_the_client_is_reset_and_with_a_new_target_it_is_served() throws Exception {
        InetSocketAddress target = new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            proxy.retarget(new InetSocketAddress(gone.getInetAddress(), gone.getLocalPort()));
        }
        try (Socket client = connect()) {
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        proxy.retarget(target);
        try (Socket client = connect(); Socket peer = peer()) {
            say(client, "x");
            assertThat(hear(peer, 1)).isEqualTo("x");
        }
    }

    @Test
    void closing_ends_every_connection_held_ones_too() throws Exception {
        try (Socket client = connect(); Socket peer = peer()) {
            proxy.blackHole();
            say(client, "held");
            proxy.close();
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThatThrownBy(() -> peer.getInputStream().read()).isInstanceOf(SocketException.class);
            await().atMost(PATIENCE).until(() -> proxy.connections() == 0);
        }
    }

    private Socket connect() throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        client.setSoTimeout((int) PATIENCE.toMillis());
        return client;
    }

    private Socket peer() throws InterruptedException, IOException {
        @Nullable
        Socket peer = accepted.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(peer).isNotNull();
        peer.setSoTimeout((int) PATIENCE.toMillis());
        return peer;
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String hear(Socket socket, int bytes) throws IOException {
        return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.UTF_8);
    }

    private static void assertSilent(Socket socket) throws IOException {
        socket.setSoTimeout(SILENCE_MILLIS);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout((int) PATIENCE.toMillis());
    }
}
