package org.barnraiser.coordinator.api;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.barnraiser.coordinator.bench.Statistics;

/**
 * Readers in a process of their own, so that they take no threads from whom they ask. Each hears tokens that say when they were said, by the
 * clock that all processes of a machine share, and prints a line with how many milliseconds each was on its way.
 */
public final class ManyReaders {
    /** Fewer than one address may open. */
    private static final int READERS_PER_ADDRESS = 200;
    private static final int TIMEOUT_MILLIS = 60_000;
    private static final Pattern TIME = Pattern.compile("\"text\":\"(\\d+) ");

    private ManyReaders() {}

    /**
     * Waits until all have heard everything; says of each how many milliseconds each token was on its way.
     *
     * @param request JSON, with single quotes for double ones
     */
    public static List<List<Double>> hear(int port, int readers, String request) throws IOException {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
                ManyReaders.class.getName(), Integer.toString(port), Integer.toString(readers), request)
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            return lines.lines().map(line -> Stream.of(line.split(" ")).map(Double::valueOf).toList()).toList();
        } finally {
            process.destroyForcibly();
        }
    }

    /** Prints the median and the 99th percentile. */
    public static void print(String which, List<Double> delaysMillis) {
        System.out.printf("%s: from a token to its reader %.2f ms (median), %.2f ms (p99)%n", which,
                Statistics.median(delaysMillis), Statistics.quantile(delaysMillis, 0.99));
    }

    /** @param args the port, how many readers, and the request */
    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        List<Callable<List<Double>>> readers = new ArrayList<>();
        for (int reader = 0; reader < Integer.parseInt(args[1]); reader++) {
            int number = reader;
            readers.add(() -> read(port, number, args[2]));
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<List<Double>> heard : threads.invokeAll(readers)) {
                System.out.println(heard.get().stream().map(String::valueOf).collect(Collectors.joining(" ")));
            }
        }
    }

    private static List<Double> read(int port, int number, String request) throws IOException {
        List<Double> delays = new ArrayList<>();
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.bind(
                    new InetSocketAddress(InetAddress.ofLiteral("127.0.0." + (2 + number / READERS_PER_ADDRESS)), 0));
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), TIMEOUT_MILLIS);
            socket.getOutputStream().write(ApiTestServer.rawRequest(ApiTestServer.COMPLETIONS, request));
            BufferedReader lines = new BufferedReader(
                    new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            long last = 0;
            String line;
            while ((line = lines.readLine()) != null && !line.equals("data: [DONE]")) {
                long now = System.nanoTime();
                Matcher said = TIME.matcher(line);
                if (said.find()) {
                    long saidNanos = Long.parseLong(said.group(1));
                    if (saidNanos <= last) {
                        throw new IOException("Reader " + number + " heard a token before one that was said earlier.");
                    }
                    last = saidNanos;
                    delays.add((now - saidNanos) / 1e6);
                }
            }
        }
        return delays;
    }
}
