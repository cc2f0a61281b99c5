package org.barnraiser.trust.reach;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.reach.Village.Relay;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What happens to bytes on their way through a relay, between two bare sockets. */
class CarriedBytesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MUCH = 32 << 20;
    /** Buffers of the kernel and of gRPC's flow control on three connections. */
    private static final long WHAT_BUFFERS_HOLD = 20 << 20;

    private final Village village = new Village();

    @AfterEach
    void closeAll() throws Exception {
        village.close();
    }

    private record Ends(Socket caller, Socket called) {}

    private Ends connected() throws Exception {
        Relay relay = village.relay(Links.PLAIN, 0);
        ServerSocket server = village.own(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        Waiting waiting = village.own(
                new Waiting(Links.PLAIN, "attic~1",
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort())));
        waiting.at(List.of(relay.address()));
        assertThat(waiting.awaitConnected(PATIENCE)).isTrue();
        Doorway doorway = village.own(Doorway.open("attic~1", new Approach(new Calls(Links.PLAIN),
                ReachService.member(), Optional::empty, () -> List.of(relay.address()))));
        Socket caller = village.own(new Socket());
        caller.connect(doorway.address());
        return new Ends(caller, village.own(server.accept()));
    }

    @Test
    void each_byte_arrives_once_and_in_order_and_the_end_arrives_after_the_last() throws Exception {
        Ends ends = connected();
        byte[] sent = new byte[1 << 20];
        new Random(5).nextBytes(sent);
        CompletableFuture<byte[]> received = CompletableFuture.supplyAsync(() -> all(ends.called()));
        OutputStream out = ends.caller().getOutputStream();
        Random sizes = new Random(6);
        for (int at = 0; at < sent.length;) {
            int length = Math.min(sent.length - at, 1 + sizes.nextInt(20_000));
            out.write(sent, at, length);
            at += length;
        }
        ends.caller().close();
        assertThat(received.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(sent);
    }

    private static byte[] all(Socket socket) {
        try {
            return socket.getInputStream().readAllBytes();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void a_receiver_that_stands_still_holds_its_sender_up_and_nothing_is_lost() throws Exception {
        Ends ends = connected();
        AtomicLong sent = new AtomicLong();
        Thread sender = Thread.ofVirtual().start(() -> {
            byte[] chunk = new byte[64 << 10];
            try {
                while (sent.get() < MUCH) {
                    ends.caller().getOutputStream().write(chunk);
                    sent.addAndGet(chunk.length);
                }
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        AtomicLong before = new AtomicLong(-1);
        await().pollInterval(Duration.ofMillis(500)).atMost(PATIENCE)
                .until(() -> before.getAndSet(sent.get()) == sent.get() && sent.get() > 0);
        assertThat(sent.get()).isLessThan(WHAT_BUFFERS_HOLD);

        InputStream in = ends.called().getInputStream();
        long received = 0;
        byte[] chunk = new byte[64 << 10];
        while (received < MUCH) {
            int length = in.read(chunk);
            assertThat(length).isPositive();
            received += length;
        }
        sender.join(PATIENCE);
        assertThat(received).isEqualTo(MUCH);
    }
}
