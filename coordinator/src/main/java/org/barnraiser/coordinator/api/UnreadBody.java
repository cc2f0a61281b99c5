package org.barnraiser.coordinator.api;

import com.google.common.net.HttpHeaders;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/**
 * Takes in, and forgets, what a client still sends of a request that was refused before all of it was read.
 *
 * <p>Jetty closes such a connection as soon as the refusal is written. TCP then answers the rest of the body with a
 * reset, and a reset takes the refusal away from a client that has not read it yet: people would see "connection reset"
 * where a sentence tells them what to do (RFC 9112, section 9.6). So the rest is read first.
 */
final class UnreadBody {
    private static final long MOST_BYTES = 256L << 20;
    private static final long MOST_NANOS = Duration.ofSeconds(10).toNanos();
    /** Whoever sends nothing for so long waits for the answer, or means no good. */
    private static final long SILENCE_MILLIS = 500;

    private UnreadBody() {}

    /** To be called before a refusal is written; blocks while the client sends, in bounds. */
    static void discard(Context ctx) throws InterruptedException {
        // Who asks before it sends has sent nothing, and is not to be told to.
        if (ctx.statusCode() >= 400 && !ctx.res().isCommitted() && ctx.header(HttpHeaders.EXPECT) == null) {
            discard(ServletContextRequest.getServletContextRequest(ctx.req()));
        }
    }

    private static void discard(Request request) throws InterruptedException {
        Semaphore readable = new Semaphore(0);
        long start = System.nanoTime();
        long bytes = 0;
        while (bytes <= MOST_BYTES && System.nanoTime() - start < MOST_NANOS) {
            Content.Chunk chunk = request.read();
            if (chunk == null) {
                request.demand(readable::release);
                if (!readable.tryAcquire(SILENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                    return;
                }
            } else {
                bytes += chunk.remaining();
                chunk.release();
                if (chunk.isLast() || Content.Chunk.isFailure(chunk)) {
                    return;
                }
            }
        }
    }
}
