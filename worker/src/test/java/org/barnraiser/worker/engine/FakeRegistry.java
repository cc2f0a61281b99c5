package org.barnraiser.worker.engine;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** What npm asks for one package, which has the version 1.0.0. */
final class FakeRegistry implements AutoCloseable {
    private final HttpServer server;
    private final AtomicInteger archives = new AtomicInteger();

    /** @param announced the sha512 that the registry tells, whatever the archive's is */
    FakeRegistry(String name, byte[] archive, String announced) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> answer(exchange,
                """
                {"name": "%1$s", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": {"name": "%1$s",
                "version": "1.0.0", "dist": {"tarball": "%2$sarchive.tgz", "integrity": "sha512-%3$s"}}}}
                """.formatted(name, url(), announced).getBytes(StandardCharsets.UTF_8)));
        server.createContext("/archive.tgz", exchange -> {
            archives.incrementAndGet();
            answer(exchange, archive);
        });
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    /** Times that an archive was asked for. */
    int fetches() {
        return archives.get();
    }

    private static void answer(HttpExchange exchange, byte[] body) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
