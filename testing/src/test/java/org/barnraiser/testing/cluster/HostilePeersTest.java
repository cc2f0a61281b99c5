package org.barnraiser.testing.cluster;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Somebody on the network who knocks at every door of a cluster. */
class HostilePeersTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int SOCKET_MILLIS = 5_000;
    private static final int SETTINGS = 4;
    private static final int MAX_CONCURRENT_STREAMS = 3;
    private static final String QUESTION = """
                                           {"prompt": "Once", "max_tokens": %d, "ignore_eos": true, "seed": 7}""";

    @Test
    void whatever_is_sent_to_any_port_nobody_dies_and_answers_go_on(@TempDir Path data) throws Exception {
        Assumptions.assumeTrue(ListeningPorts.canBeTold(), "This system does not tell who listens where.");
        try (RunningBarn barn = RunningBarn.start(RunningBarn.Settings.demo(2, data)).awaitReady(PATIENCE);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<ProcessHandle> processes = barn.processes();
            HttpResponse<String> before = barn.post("/v1/completions", QUESTION.formatted(20));
            assertThat(before.statusCode()).as(before.body()).isEqualTo(200);
            Set<Integer> ports = ListeningPorts.of(processes);
            assertThat(ports).as("HTTP, ZooKeeper, the coordinator's and two workers' gRPC")
                    .hasSizeGreaterThanOrEqualTo(5);
            assertThat(ports.stream().flatMapToLong(port -> mostCalls(port).stream()).boxed())
                    .as("calls at once on one connection, of the servers that speak HTTP/2")
                    .containsExactlyInAnyOrder(512L, 256L, 256L);
            List<HostilePeer> peers = new ArrayList<>();
            try {
                var answer = threads.submit(() -> barn.post("/v1/completions", QUESTION.formatted(400)));
                List<Future<?>> visits = new ArrayList<>();
                for (int port : ports) {
                    HostilePeer peer = new HostilePeer();
                    peers.add(peer);
                    visits.add(threads.submit(() -> {
                        peer.visit(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                        return null;
                    }));
                }
                for (Future<?> visit : visits) {
                    visit.get();
                }
                assertThat(answer.get().statusCode()).as(answer.get().body()).isEqualTo(200);
                // While some are still connected and say nothing.
                HttpResponse<String> after = barn.post("/v1/completions", QUESTION.formatted(20));
                assertThat(text(after)).isEqualTo(text(before));
            } finally {
                for (HostilePeer peer : peers) {
                    peer.close();
                }
            }
            assertThat(barn.processes()).as("the same processes as before")
                    .containsExactlyInAnyOrderElementsOf(processes);
            assertThat(barn.cluster().path("activity").path("takeoversTotal").asInt()).isZero();
        }
    }

    /** What a server says of itself when somebody begins to speak HTTP/2 (RFC 9113, 6.5); empty when it does not understand. */
    private static OptionalLong mostCalls(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(SOCKET_MILLIS);
            socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
                    .getBytes(StandardCharsets.US_ASCII));
            var answer = new DataInputStream(socket.getInputStream());
            int length = answer.readUnsignedShort() << 8 | answer.readUnsignedByte();
            if (answer.readUnsignedByte() != SETTINGS) {
                return OptionalLong.empty();
            }
            answer.skipNBytes(5);
            for (int read = 0; read < length; read += 6) {
                int setting = answer.readUnsignedShort();
                long value = Integer.toUnsignedLong(answer.readInt());
                if (setting == MAX_CONCURRENT_STREAMS) {
                    return OptionalLong.of(value);
                }
            }
            return OptionalLong.empty();
        } catch (IOException _) {
            // Another protocol's server.
            return OptionalLong.empty();
        }
    }

    private static String text(HttpResponse<String> answer) throws IOException {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new com.fasterxml.jackson.databind.ObjectMapper().readTree(answer.body()).path("choices").path(0)
                .path("text").asText();
    }
}
