package org.barnraiser.operator;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.barnraiser.operator.reconcile.Operator;

/** Tells Kubernetes how the operator is, and Prometheus its numbers. */
final class HealthServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private HealthServer(HttpServer server) {
        this.server = server;
    }

    /** @param port 0 for any */
    static HealthServer start(int port, Operator operator) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(port), 16);
        HealthServer health = new HealthServer(server);
        server.setExecutor(health.threads);
        server.createContext("/healthz", exchange -> answer(exchange, operator.isAlive() ? 200 : 500,
                operator.isAlive() ? "ok\n" : "It has not heard from the API server for long.\n"));
        server.createContext("/readyz", exchange -> answer(exchange, operator.isReady() ? 200 : 503,
                operator.isReady() ? "ready\n" : "The API server has not answered yet.\n"));
        server.createContext("/metrics", exchange -> {
            StringWriter text = new StringWriter();
            TextFormat.write004(text, operator.metrics().metricFamilySamples());
            answer(exchange, 200, text.toString());
        });
        server.start();
        return health;
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        try (exchange) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", TextFormat.CONTENT_TYPE_004);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
