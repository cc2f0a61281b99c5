package org.barnraiser.coordinator.api;

import com.google.common.net.InetAddresses;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.barnraiser.coordinator.api.ApiTestServer.CHAT;
import static org.barnraiser.coordinator.api.ApiTestServer.COMPLETIONS;
import static org.barnraiser.coordinator.api.ApiTestServer.streamedText;

/** What clients do who mean no good, or know no better: each is told so or cut off, and nobody else notices. */
class HostileClientTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void whatever_clients_send_others_answers_go_on_and_nothing_breaks() throws Exception {
        try (ApiTestServer server = new ApiTestServer()) {
            CountDownLatch mayEnd = new CountDownLatch(1);
            server.model.script = speaker -> {
                if (speaker.index == 0) {
                    speaker.say("be");
                    mayEnd.await();
                    speaker.say("fore");
                } else {
                    speaker.say("x");
                }
                return new GenerationEnd.EndOfGeneration();
            };
            CompletableFuture<HttpResponse<String>> other = CompletableFuture
                    .supplyAsync(() -> server.post(COMPLETIONS, "{'prompt':'a','stream':true}"));
            await().atMost(PATIENCE).until(() -> server.model.started.size() == 1);
            Map<String, byte[]> cases = cases();
            assertThat(cases).hasSizeGreaterThanOrEqualTo(200);
            List<String> broken = new ArrayList<>();
            for (Map.Entry<String, byte[]> hostile : cases.entrySet()) {
                String said = send(server, hostile.getValue());
                if (said.matches("HTTP/1.1 5(?!0[15]).*")) {
                    broken.add(hostile.getKey() + ": " + said);
                }
            }
            assertThat(broken).isEmpty();
            assertThat(server.get("/healthz").statusCode()).isEqualTo(200);
            assertThat(other).isNotDone();
            mayEnd.countDown();
            assertThat(streamedText(other.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))).isEqualTo("before");
        }
    }

    @Test
    void many_who_begin_and_never_end_keep_nobody_out() throws Exception {
        List<Socket> idlers = new ArrayList<>();
        try (ApiTestServer server = new ApiTestServer()) {
            try {
                for (int i = 0; i < 200; i++) {
                    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.server.port());
                    idlers.add(socket);
                    String begun = i % 2 == 0
                            ? "POST " + CHAT + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n{\"mess"
                            : "GET /v1/models HTTP/1.1\r\nHost: loc";
                    socket.getOutputStream().write(begun.getBytes(StandardCharsets.US_ASCII));
                    if (i % 4 == 0) {
                        socket.shutdownOutput();
                    }
                }
                assertThat(server.post(COMPLETIONS, "{'prompt':'a'}").statusCode()).isEqualTo(200);
            } finally {
                for (Socket idler : idlers) {
                    idler.close();
                }
            }
        }
    }

    @Test
    void nothing_of_what_was_refused_is_kept_in_memory() throws Exception {
        byte[] large = ApiTestServer.rawRequest(CHAT, "{\"messages\":[\"" + "a".repeat(8_000_000) + "\",]}");
        try (ApiTestServer server = new ApiTestServer(_ -> HttpServerConfig.onPort(0))) {
            assertThat(sendAgain(5, server, large)).anyMatch(said -> said.contains(" 400 "));
            long before = usedMemory();
            assertThat(sendAgain(20, server, large)).anyMatch(said -> said.contains(" 400 "));
            // A third of what was sent.
            await().atMost(PATIENCE).until(() -> usedMemory() < before + (48 << 20));
        }
    }

    private static List<String> sendAgain(int times, ApiTestServer server, byte[] request) throws IOException {
        List<String> said = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            said.add(send(server, request));
        }
        return said;
    }

    private static long usedMemory() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void a_body_that_trickles_is_not_waited_for() {
        AtomicLong nanos = new AtomicLong();
        InputStream trickle = new InputStream() {
            @Override
            public int read() {
                throw new AssertionError("read in parts");
            }

            @Override
            public int read(byte[] part, int offset, int length) {
                nanos.addAndGet(Duration.ofSeconds(5).toNanos());
                part[offset] = ' ';
                return 1;
            }
        };
        assertThatThrownBy(() -> RequestBody.bytes(trickle, 1_000_000, nanos::get)).isInstanceOf(ApiException.class)
                .hasMessageContaining("slower than");
        assertThat(nanos.get()).isLessThan(Duration.ofSeconds(30).toNanos());
    }

    @Test
    void a_body_that_comes_as_it_should_is_read_to_its_end() throws Exception {
        byte[] body = new byte[100_000];
        assertThat(RequestBody.bytes(new ByteArrayInputStream(body), body.length, System::nanoTime)).isEqualTo(body);
        assertThatThrownBy(() -> RequestBody.bytes(new ByteArrayInputStream(body), body.length - 1, System::nanoTime))
                .hasMessageContaining("longer than");
    }

    @Test
    void an_address_has_so_many_connections_and_others_have_theirs() {
        ConnectionsPerAddress connections = new ConnectionsPerAddress(2);
        InetAddress one = InetAddresses.forString("192.0.2.1");
        InetAddress other = InetAddresses.forString("192.0.2.2");
        assertThat(connections.tryAdd(one)).isTrue();
        assertThat(connections.tryAdd(one)).isTrue();
        assertThat(connections.tryAdd(one)).isFalse();
        assertThat(connections.tryAdd(one)).isFalse();
        assertThat(connections.tryAdd(other)).isTrue();
        connections.remove(one);
        assertThat(connections.tryAdd(one)).isTrue();
    }

    private static Map<String, byte[]> cases() {
        Map<String, byte[]> cases = new LinkedHashMap<>();
        malformedHttp(cases);
        malformedJson(cases);
        hostileFields(cases);
        return cases;
    }

    private static void malformedHttp(Map<String, byte[]> cases) {
        String post = "POST " + CHAT + " HTTP/1.1\r\nHost: localhost\r\n";
        List<String> requests = List.of("", "\r\n\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n",
                "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
                "get / http/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\n: empty\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n",
                "GET / HTTP/1.1\r\n folded\r\nHost: localhost\r\n\r\n",
                "GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /assets/..%2f..%2fx HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /assets/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /lib//etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /v1/models/%ff%fe HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
                "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
                "GET /" + "a".repeat(100_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(100_000) + "\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\n" + "X: a\r\n".repeat(10_000) + "\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + "a".repeat(7_000) + "\r\n\r\n",
                "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \u00fc\u00ff\r\n\r\n",
                "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nx-api-key: \r\n\r\n",
                "GET /v1/models HTTP/1.1\r\nHost: [::1\r\n\r\n",
                "GET /v1/models HTTP/1.1\r\nHost: localhost:99999999\r\n\r\n", post + "Content-Length: -1\r\n\r\n",
                post + "Content-Length: 99999999999999999999\r\n\r\n", post + "Content-Length: 2000000000\r\n\r\n{",
                post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}", post + "Content-Length: abc\r\n\r\n{}",
                post + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
                post + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}",
                post + "Transfer-Encoding: gzip\r\n\r\n{}",
                post + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}",
                post + "Content-Length: 2\r\nExpect: 200-maybe\r\n\r\n{}",
                post + "Content-Length: 2\r\nContent-Encoding: gzip\r\n\r\n{}", post + "Content-Length: 100\r\n\r\n{}",
                post + "\r\n",
                "GET /api/ledger?year=99999 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /api/ledger?year=%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "DELETE /api/keys/' HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003");
        requests.forEach(request -> cases.put(
                "http " + cases.size() + " " + request.substring(0, Math.min(60, request.length())),
                request.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static void malformedJson(Map<String, byte[]> cases) {
        for (String body : List.of("", " ", "{", "}", "[]", "null", "true", "7", "\"a\"", "{}{}", "{,}", "{\"a\"}",
                "{'a':1}", "{\"a\":NaN}",
                "{\"a\":1e999999999}", "{\"a\":" + "9".repeat(5_000) + "}", "{\"a\":-}", "{\"a\":01}",
                "{\"a\":\"\\x\"}", "{\"a\":\"\\ud800\"}",
                "{\"a\":\"" + "a".repeat(60_000), "[".repeat(60_000), "{\"a\":".repeat(10_000),
                "{\"messages\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}",
                "{\"messages\":[],\"messages\":[]}", "\ufeff{}", "{\"prompt\":\"\\u0000\"}", "/* */{}",
                "{\"\":{\"\":{}}}", "a".repeat(200_000))) {
            cases.put("json " + cases.size(), ApiTestServer.rawRequest(CHAT, body));
        }
        for (int[] bytes : new int[][]{{0xff, 0xfe, '{', 0, '}', 0}, {0xc0, 0xaf},
                {'{', '"', 0xed, 0xa0, 0x80, '"', '}'}, {0xf5, 0x80, 0x80, 0x80},
                {'{', '"', 0x80, '"', ':', '1', '}'}, {0, 0, 0, '{'}}) {
            byte[] body = new byte[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                body[i] = (byte) bytes[i];
            }
            String head = "POST " + COMPLETIONS + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length
                    + "\r\n\r\n";
            cases.put("utf-8 " + cases.size(),
                    (head + new String(body, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    /** Every field with every wrong value. */
    private static void hostileFields(Map<String, byte[]> cases) {
        List<String> fields = List.of("model", "prompt", "max_tokens", "temperature", "top_p", "n", "stop", "seed",
                "logit_bias", "stream",
                "stream_options", "response_format", "top_k", "presence_penalty", "logprobs", "grammar", "min_p",
                "mirostat");
        List<String> values = List.of("-1", "1e308", "-9223372036854775809", "\"\\u0000\"", "[]", "{}", "[null]",
                "{\"a\":{\"b\":[1e9]}}",
                "\"" + "x".repeat(50_000) + "\"");
        for (String field : fields) {
            for (String value : values) {
                String rest = field.equals("prompt") ? "" : ",\"prompt\":\"a\"";
                cases.put("field " + field + " " + value.substring(0, Math.min(30, value.length())),
                        ApiTestServer.rawRequest(COMPLETIONS, "{\"" + field + "\":" + value + rest + "}"));
            }
        }
        cases.put("stops", chat("\"stop\":[" + "\"a\",".repeat(9_999) + "\"a\"]"));
        cases.put("biases", chat("\"logit_bias\":{" + "\"1\":1,".repeat(5_000) + "\"2\":1}"));
        cases.put("messages", chat("\"messages\":[" + "{\"role\":\"user\",\"content\":\"a\"},".repeat(1_500)
                + "{\"role\":\"user\",\"content\":\"a\"}]"));
        cases.put("tools",
                chat("\"tools\":[" + "{\"type\":\"function\",\"function\":{\"name\":\"a\"}},".repeat(500) + "{}]"));
        cases.put("schema depth",
                chat("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":"
                        + "{\"properties\":{\"a\":".repeat(200) + "{}" + "}}".repeat(200) + "}}"));
        cases.put("schema repeats",
                chat("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":"
                        + "{\"type\":\"array\",\"minItems\":2000000000,\"items\":{\"type\":\"string\",\"minLength\":2000000000}}}}"));
        cases.put("roles", chat(
                "\"messages\":[{\"role\":\"{{ 7*7 }}\",\"content\":\"{% for i in range(999999999) %}x{% endfor %}\"}]"));
    }

    private static byte[] chat(String fields) {
        return ApiTestServer.rawRequest(CHAT,
                "{" + (fields.contains("\"messages\"") ? "" : "\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],")
                        + fields + "}");
    }

    /** The first line of the answer; empty when there is none, or none yet. */
    private static String send(ApiTestServer server, byte[] request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.server.port())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            try {
                socket.getOutputStream().write(request);
                // Whoever says nothing more cannot wait for an answer to it for ever.
                socket.shutdownOutput();
                StringBuilder line = new StringBuilder();
                for (int read = socket.getInputStream().read(); read >= 0 && read != '\r'
                        && line.length() < 200; read = socket
                                .getInputStream().read()) {
                    line.append((char) read);
                }
                return line.toString();
            } catch (SocketTimeoutException hung) {
                return "HTTP/1.1 599 it says nothing";
            } catch (IOException cutOff) {
                return "";
            }
        }
    }
}
