package org.barnraiser.coordinator.download;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A web server on this machine that gives out files and misbehaves as told. */
public final class UnreliableServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private volatile Manners manners = (_, _) -> new Behaviour.Serve();
    private volatile boolean ranges = true;
    private volatile String version = "\"v1\"";

    /** A request as it came in; the strings are empty where there is no such header. */
    public record Request(String path, String range, String authorization) {}

    /** What happens to a request. */
    public sealed interface Behaviour {
        record Serve() implements Behaviour {}

        record Status(int status, Map<String, String> headers, String body) implements Behaviour {}

        /** Breaks the connection after so many bytes of the body. */
        record DropAfter(int bytes) implements Behaviour {}

        /** Sends a part that begins elsewhere, and says so. */
        record ServeShifted(int by) implements Behaviour {}

        record ServeFlipped(int index) implements Behaviour {}

        /** Sends so many bytes and then nothing more until the server ends. */
        record StallAfter(int bytes) implements Behaviour {}
    }

    /** Decides by the request and the number of requests before it. */
    @FunctionalInterface
    public interface Manners {
        Behaviour of(Request request, int number);
    }

    public UnreliableServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    public UnreliableServer give(String path, byte[] content) {
        files.put(path, content);
        return this;
    }

    public UnreliableServer behave(Manners how) {
        manners = how;
        return this;
    }

    UnreliableServer withoutRanges() {
        ranges = false;
        return this;
    }

    UnreliableServer version(String etag) {
        version = etag;
        return this;
    }

    public List<Request> requests() {
        return List.copyOf(requests);
    }

    public URI uri(String path) {
        return URI.create("http://localhost:" + server.getAddress().getPort() + path);
    }

    /** The same server under another name, as another host would be. */
    public URI otherNameUri(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Request request = new Request(exchange.getRequestURI().toString(), header(exchange, "Range"),
                    header(exchange, "Authorization"));
            int number = requests.size();
            requests.add(request);
            switch (manners.of(request, number)) {
                case Behaviour.Serve() -> serve(exchange, request, 0, -1, Integer.MAX_VALUE);
                case Behaviour.DropAfter(int bytes) -> serve(exchange, request, 0, -1, bytes);
                case Behaviour.ServeShifted(int by) -> serve(exchange, request, by, -1, Integer.MAX_VALUE);
                case Behaviour.ServeFlipped(int index) -> serve(exchange, request, 0, index, Integer.MAX_VALUE);
                case Behaviour.StallAfter(int bytes) -> stall(exchange, bytes);
                case Behaviour.Status(int status, Map<String, String> headers, String body) -> {
                    headers.forEach(exchange.getResponseHeaders()::set);
                    byte[] bytes = body.getBytes(java.nio.charset.StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
                    exchange.getResponseBody().write(bytes);
                }
            }
        }
    }

    private static String header(HttpExchange exchange, String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }

    private void serve(HttpExchange exchange, Request request, int shift, int flipped, int limit) throws IOException {
        byte[] content = files.get(exchange.getRequestURI().getPath());
        if (content == null) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        content = content.clone();
        if (flipped >= 0) {
            content[flipped] ^= 1;
        }
        exchange.getResponseHeaders().set("ETag", version);
        boolean part = ranges && request.range().startsWith("bytes=")
                && (header(exchange, "If-Range").isEmpty() || header(exchange, "If-Range").equals(version));
        byte[] body = content;
        if (part) {
            String[] ends = request.range().substring("bytes=".length()).split("-", 2);
            int first = Math.min(Integer.parseInt(ends[0]) + shift, content.length - 1);
            int last = Math.min(Integer.parseInt(ends[1]) + shift, content.length - 1);
            exchange.getResponseHeaders().set("Content-Range", "bytes " + first + "-" + last + "/" + content.length);
            body = Arrays.copyOfRange(content, first, last + 1);
        }
        exchange.sendResponseHeaders(part ? 206 : 200, body.length);
        OutputStream out = exchange.getResponseBody();
        out.write(body, 0, Math.min(limit, body.length));
        out.flush();
    }

    private void stall(HttpExchange exchange, int bytes) throws IOException {
        exchange.getResponseHeaders().set("ETag", version);
        byte[] content = files.getOrDefault(exchange.getRequestURI().getPath(), new byte[0]);
        exchange.getResponseHeaders().set("Content-Range",
                "bytes " + header(exchange, "Range").substring("bytes=".length()) + "/" + content.length);
        exchange.sendResponseHeaders(206, 0);
        exchange.getResponseBody().write(content, 0, bytes);
        exchange.getResponseBody().flush();
        try {
            new java.util.concurrent.CountDownLatch(1).await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        server.stop(0);
    }
}
