package org.barnraiser.coordinator.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A model hub with one model, of which it says that it is longer than the file that it has: the rest must not be asked for. */
final class HeaderHub implements AutoCloseable {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

    private final HttpServer server;
    private final byte[] beginning;
    private final long length;
    private final AtomicLong sent = new AtomicLong();

    private HeaderHub(HttpServer server, byte[] beginning, long length) {
        this.server = server;
        this.beginning = beginning;
        this.length = length;
    }

    static HeaderHub start(Path model, long moreBytes) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] bytes = Files.readAllBytes(model);
        HeaderHub hub = new HeaderHub(server, bytes, bytes.length + moreBytes);
        server.createContext("/", hub::answer);
        server.start();
        return hub;
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Of the model's file. */
    long bytesSent() {
        return sent.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        switch (path) {
            case "/api/models/riverside/demo/revision/main" -> text(exchange, 200, "{\"sha\":\"abc\"}");
            case "/api/models/riverside/demo/tree/abc" -> text(exchange, 200,
                    "[{\"type\":\"file\",\"path\":\"demo.gguf\",\"size\":" + length + "}]");
            case "/riverside/demo/resolve/abc/demo.gguf" -> part(exchange);
            case "/page.gguf" -> text(exchange, 200, "<html>This is not what you are looking for.</html>");
            case "/api/models/riverside/gated/revision/main" -> text(exchange, 403, "{}");
            default -> text(exchange, 404, "{}");
        }
    }

    private void part(HttpExchange exchange) throws IOException {
        Matcher range = RANGE.matcher(exchange.getRequestHeaders().getFirst("Range"));
        if (!range.matches()) {
            text(exchange, 400, "");
            return;
        }
        int first = Integer.parseInt(range.group(1));
        int last = Integer.parseInt(range.group(2));
        byte[] part = Arrays.copyOfRange(beginning, first, last + 1);
        sent.addAndGet(part.length);
        exchange.getResponseHeaders().add("Content-Range", "bytes " + first + "-" + last + "/" + length);
        exchange.sendResponseHeaders(206, part.length);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(part);
        }
    }

    private static void text(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
