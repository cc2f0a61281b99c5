package org.barnraiser.testing.cluster;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** A web server with one file, which can be told to stop in the middle. */
final class ModelServer implements AutoCloseable {
    private static final int CHUNK_BYTES = 64 << 10;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final byte[] file;
    private final AtomicLong served = new AtomicLong();
    private final CountDownLatch go = new CountDownLatch(1);
    private volatile long holdAfterBytes = Long.MAX_VALUE;

    ModelServer(Path file) throws IOException {
        this.file = Files.readAllBytes(file);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/model.gguf";
    }

    long servedBytes() {
        return served.get();
    }

    /** After so many bytes more nothing comes until {@link #goOn()}. */
    void holdAfter(long bytes) {
        holdAfterBytes = served.get() + bytes;
    }

    boolean holds() {
        return served.get() >= holdAfterBytes;
    }

    void goOn() {
        holdAfterBytes = Long.MAX_VALUE;
        go.countDown();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String[] ends = exchange.getRequestHeaders().getFirst("Range").substring("bytes=".length()).split("-", 2);
            int first = Integer.parseInt(ends[0]);
            int last = Math.min(Integer.parseInt(ends[1]), file.length - 1);
            exchange.getResponseHeaders().set("ETag", "\"1\"");
            exchange.getResponseHeaders().set("Content-Range", "bytes " + first + "-" + last + "/" + file.length);
            exchange.sendResponseHeaders(206, last - first + 1);
            for (int at = first; at <= last; at += CHUNK_BYTES) {
                if (holds()) {
                    go.await();
                }
                int length = Math.min(CHUNK_BYTES, last + 1 - at);
                exchange.getResponseBody().write(file, at, length);
                served.addAndGet(length);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Nothing answers any more. */
    void vanish() {
        threads.shutdownNow();
        server.stop(0);
    }

    @Override
    public void close() {
        vanish();
    }
}
