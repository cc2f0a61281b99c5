package org.barnraiser.worker.node;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import org.barnraiser.proto.Origin;
import org.barnraiser.worker.stage.TestModel;

/** A web server with one model file, which misbehaves as told. */
final class WebServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final TestModel model;
    private final long sizeBytes;
    /** The ranges that were asked for. */
    final List<String> ranges = new CopyOnWriteArrayList<>();
    /** By the number of requests before. */
    volatile IntFunction<Manner> manners = _ -> Manner.HONEST;
    volatile String location = "";

    enum Manner {
        HONEST, DROPS, BUSY, SHIFTS, FLIPS, CHANGED, WHOLE, REDIRECTS, GONE
    }

    WebServer(TestModel model, long sizeBytes) throws IOException {
        this.model = model;
        this.sizeBytes = sizeBytes;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    Origin origin() {
        return Origin.newBuilder().setUrl(url("/model.gguf")).setSizeBytes(sizeBytes).build();
    }

    String url(String path) {
        return "http://localhost:" + server.getAddress().getPort() + path;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String range = exchange.getRequestHeaders().getFirst("Range");
            int number = ranges.size();
            ranges.add(range);
            Manner manner = exchange.getRequestURI().getPath().equals("/elsewhere")
                    ? Manner.HONEST
                    : manners.apply(number);
            String[] ends = range.substring("bytes=".length()).split("-", 2);
            long first = Long.parseLong(ends[0]);
            int length = (int) (Long.parseLong(ends[1]) - first + 1);
            switch (manner) {
                case HONEST -> send(exchange, first, length, length, 0, 0);
                case DROPS -> send(exchange, first, length, length / 2, 0, 0);
                case SHIFTS -> send(exchange, first, length, length, 1, 0);
                case FLIPS -> send(exchange, first, length, length, 0, 1);
                case CHANGED -> {
                    exchange.getResponseHeaders().set("Content-Range", range.replace('=', ' ') + "/" + (sizeBytes + 1));
                    exchange.sendResponseHeaders(206, length);
                    exchange.getResponseBody().write(model.bytes(first, length));
                }
                case BUSY -> status(exchange, 429, Map.of("Retry-After", "0"));
                case WHOLE -> status(exchange, 200, Map.of());
                case REDIRECTS -> status(exchange, 302, Map.of("Location", location));
                case GONE -> status(exchange, 404, Map.of());
            }
        }
    }

    private static void status(HttpExchange exchange, int status, Map<String, String> headers) throws IOException {
        headers.forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(status, -1);
    }

    private void send(HttpExchange exchange, long first, int length, int sent, int shift, int flip)
            throws IOException {
        byte[] bytes = model.bytes(first, length);
        bytes[0] ^= (byte) flip;
        long said = first + shift;
        exchange.getResponseHeaders().set("Content-Range",
                "bytes " + said + "-" + (said + length - 1) + "/" + sizeBytes);
        exchange.sendResponseHeaders(206, length);
        exchange.getResponseBody().write(bytes, 0, sent);
        exchange.getResponseBody().flush();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
