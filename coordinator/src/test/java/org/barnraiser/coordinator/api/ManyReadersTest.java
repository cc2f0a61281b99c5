package org.barnraiser.coordinator.api;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barnraiser.coordinator.bench.Statistics;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Many streams at once, ten tokens per second each, from a model that takes no time. With {@code -Dbarnraiser.readers=1000} it prints
 * what the coordinator adds between a token and its reader, while all connect at once and code is not compiled yet, and from then on;
 * docs/performance.md has the numbers.
 */
class ManyReadersTest {
    private static final int READERS = Integer.getInteger("barnraiser.readers", 40);
    private static final int TOKENS = READERS > 100 ? 100 : 5;
    private static final int TOKENS_PER_SECOND = 10;
    private static final int TOKENS_WHILE_WARMING_UP = 30;
    /** Fewer than one address may open. */
    private static final int READERS_PER_ADDRESS = 200;
    private static final int TIMEOUT_MILLIS = 60_000;
    private static final Pattern TIME = Pattern.compile("\"text\":\"(\\d+) ");

    @Test
    void every_reader_hears_every_token_in_order() throws Exception {
        try (ApiTestServer api = new ApiTestServer();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            // What is said is the time at which it is said.
            api.model.script = speaker -> {
                long nanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(1) * speaker.index / READERS;
                for (int token = 0; token < TOKENS; token++) {
                    TimeUnit.NANOSECONDS.sleep(nanos - System.nanoTime());
                    speaker.say(System.nanoTime() + " ");
                    nanos += TimeUnit.SECONDS.toNanos(1) / TOKENS_PER_SECOND;
                }
                return new GenerationEnd.Length();
            };
            List<Future<List<Double>>> readers = new ArrayList<>();
            for (int reader = 0; reader < READERS; reader++) {
                int number = reader;
                readers.add(threads.submit(() -> read(api.server.port(), number)));
            }
            List<Double> first = new ArrayList<>();
            List<Double> then = new ArrayList<>();
            for (Future<List<Double>> reader : readers) {
                List<Double> delays = reader.get();
                assertThat(delays).hasSize(TOKENS);
                int warm = Math.min(TOKENS, TOKENS_WHILE_WARMING_UP);
                first.addAll(delays.subList(0, warm));
                then.addAll(delays.subList(warm, TOKENS));
            }
            if (READERS > 100) {
                print("their first " + TOKENS_WHILE_WARMING_UP, first);
                print("those after", then);
            }
        }
    }

    private static void print(String which, List<Double> delaysMillis) {
        System.out.printf("%d readers, %s tokens: from a token to its reader %.2f ms (median), %.2f ms (p99)%n",
                READERS,
                which, Statistics.median(delaysMillis), Statistics.quantile(delaysMillis, 0.99));
    }

    /** How long each token was on its way. */
    private static List<Double> read(int port, int number) throws IOException {
        List<Double> delays = new ArrayList<>();
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.bind(
                    new InetSocketAddress(InetAddress.ofLiteral("127.0.0." + (2 + number / READERS_PER_ADDRESS)), 0));
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), TIMEOUT_MILLIS);
            socket.getOutputStream().write(ApiTestServer.rawRequest(ApiTestServer.COMPLETIONS,
                    "{'model':'barn-model','prompt':'a','max_tokens':150,'stream':true}"));
            BufferedReader lines = new BufferedReader(
                    new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            long last = 0;
            String line;
            while ((line = lines.readLine()) != null && !line.equals("data: [DONE]")) {
                long now = System.nanoTime();
                Matcher said = TIME.matcher(line);
                if (said.find()) {
                    long saidNanos = Long.parseLong(said.group(1));
                    assertThat(saidNanos).isGreaterThan(last);
                    last = saidNanos;
                    delays.add((now - saidNanos) / 1e6);
                }
            }
        }
        return delays;
    }
}
