package org.barnraiser.trust;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.proto.ProbeMessage;
import org.barnraiser.proto.WorkerControlGrpc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** What a server bears from whoever reaches its port; whatever they do, members get through. */
class BoundedServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SOCKET_MILLIS = 60_000;
    private static final ServerLimits FEW = new ServerLimits(8, 4, Duration.ofMinutes(10), Duration.ofMinutes(10),
            Duration.ofMinutes(10));
    private static final ServerLimits IMPATIENT = new ServerLimits(8, 4, Duration.ofMillis(300),
            Duration.ofMillis(300), Duration.ofMillis(300));
    /** How HTTP/2 begins, with settings that say nothing. */
    private static final byte[] HELLO = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
            .getBytes(StandardCharsets.US_ASCII);

    @Test
    void connections_beyond_the_limit_are_closed_and_those_that_are_there_go_on() throws Exception {
        List<Socket> crowd = new ArrayList<>();
        try (Party party = Party.of(new PlainLinks(FEW))) {
            ManagedChannel member = party.channel(Links.PLAIN);
            assertThat(Party.ask(member)).isEqualTo("nobody");
            int closed = 0;
            for (int knock = 0; knock < 20; knock++) {
                Socket socket = knock(party);
                crowd.add(socket);
            }
            for (Socket socket : crowd) {
                closed += isOpen(socket) ? 0 : 1;
            }
            assertThat(closed).isEqualTo(20 - 7);
            assertThat(Party.ask(member)).as("on the connection that it has").isEqualTo("nobody");
            for (Socket socket : crowd) {
                socket.close();
            }
            member.shutdownNow();
            await().atMost(PATIENCE).ignoreExceptions().until(() -> party.ask(Links.PLAIN).equals("nobody"));
        } finally {
            for (Socket socket : crowd) {
                socket.close();
            }
        }
    }

    @Test
    void one_address_has_its_limit_and_others_theirs_and_this_machine_only_that_of_all() throws Exception {
        OpenConnections open = new OpenConnections(FEW);
        InetAddress one = InetAddress.getByName("192.0.2.1");
        for (int connection = 0; connection < 4; connection++) {
            assertThat(open.tryAdd(one)).isTrue();
        }
        assertThat(open.tryAdd(one)).isFalse();
        open.remove(one);
        assertThat(open.tryAdd(one)).isTrue();
        for (int connection = 0; connection < 4; connection++) {
            assertThat(open.tryAdd(InetAddress.getLoopbackAddress())).isTrue();
        }
        assertThat(open.tryAdd(InetAddress.getByName("192.0.2.2"))).as("eight are open").isFalse();
        open.remove(InetAddress.getLoopbackAddress());
        assertThat(open.tryAdd(InetAddress.getByName("192.0.2.2"))).isTrue();
    }

    @Test
    void who_connects_and_says_nothing_or_half_a_word_is_cut_off(@TempDir Path folder) throws Exception {
        Authority authority = Authority.openOrCreate(folder, InstantSource.system());
        var secure = new SecureLinks(authority.credentials(new Identity(Role.COORDINATOR, "hall"), Duration.ofDays(1)),
                IMPATIENT);
        for (Links links : List.of(new PlainLinks(IMPATIENT), secure)) {
            try (Party party = Party.of(links); Socket silent = knock(party); Socket slow = knock(party)) {
                // The beginning of HTTP/2, and of a TLS record.
                slow.getOutputStream().write(links.areSecure() ? new byte[]{22, 3, 1, 2} : new byte[]{'P', 'R', 'I'});
                awaitEnd(silent);
                awaitEnd(slow);
            }
        }
    }

    @Test
    void a_peer_that_does_not_answer_any_more_is_let_go() throws Exception {
        ServerLimits patientAtFirst = new ServerLimits(8, 4, Duration.ofMinutes(10), Duration.ofMillis(300),
                Duration.ofMillis(300));
        try (Party party = Party.of(new PlainLinks(patientAtFirst)); Socket gone = knock(party)) {
            gone.getOutputStream().write(HELLO);
            awaitEnd(gone);
        }
    }

    @Test
    void headers_that_are_too_long_are_refused_and_the_next_call_gets_through() throws Exception {
        try (Party party = Party.of(Links.PLAIN)) {
            ManagedChannel channel = party.channel(Links.PLAIN);
            Metadata headers = new Metadata();
            headers.put(Metadata.Key.of("long", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(64 << 10));
            assertThatThrownBy(() -> WorkerControlGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                    .probe(ProbeMessage.getDefaultInstance())).isInstanceOf(StatusRuntimeException.class);
            assertThat(Party.ask(channel)).isEqualTo("nobody");
            channel.shutdownNow();
        }
    }

    private static Socket knock(Party party) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), party.port());
        socket.setSoTimeout(SOCKET_MILLIS);
        return socket;
    }

    /** Whether a server that speaks first, as HTTP/2's does, has anything to say. */
    private static boolean isOpen(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() >= 0;
        } catch (SocketTimeoutException silent) {
            throw new AssertionError("neither settings nor the end", silent);
        } catch (IOException reset) {
            return false;
        }
    }

    private static void awaitEnd(Socket socket) {
        try {
            InputStream said = socket.getInputStream();
            while (said.read() >= 0) {
                // Settings, pings and a farewell.
            }
        } catch (SocketTimeoutException still) {
            throw new AssertionError("the server still waits", still);
        } catch (IOException reset) {
            assertThat(reset).as("the end as well").isNotNull();
        }
    }
}
