package org.barnraiser.coordinator.web;

import io.javalin.http.Context;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.model.ClusterStatus;

/**
 * The cluster's state as server-sent events, whenever it has changed. Each watcher occupies the (virtual) thread of its request
 * until it leaves.
 */
final class ClusterStream implements AutoCloseable {
    private static final int MAX_WATCHERS = 200;
    /** At most so often is a change told. */
    private static final long PAUSE_MILLIS = 400;
    /** Without a change something is sent this often, so that a watcher who left is noticed and a proxy keeps the connection. */
    private static final int HEARTBEAT_PAUSES = 25;
    private static final int RETRY_AFTER_SECONDS = 30;
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.UTF_8);
    private static final byte[] END_OF_EVENT = "\n\n".getBytes(StandardCharsets.UTF_8);
    private static final byte[] HEARTBEAT = ": still here\n\n".getBytes(StandardCharsets.UTF_8);

    private final ClusterStatus.Source cluster;
    private final Semaphore places = new Semaphore(MAX_WATCHERS);
    private final CountDownLatch closed = new CountDownLatch(1);

    ClusterStream(ClusterStatus.Source cluster) {
        this.cluster = cluster;
    }

    /** Answers until the client leaves or the server closes. */
    void watch(Context ctx) throws IOException {
        if (!places.tryAcquire()) {
            ctx.header("Retry-After", Integer.toString(RETRY_AFTER_SECONDS));
            Json.refuse(ctx, 503, "More than " + MAX_WATCHERS + " pages watch the cluster; look again later.");
            return;
        }
        try {
            HttpServletResponse response = ctx.res();
            response.setContentType("text/event-stream");
            send(response.getOutputStream());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            places.release();
        }
    }

    private void send(OutputStream out) throws IOException, InterruptedException {
        byte[] said = {};
        int quiet = 0;
        do {
            byte[] now = Json.bytes(cluster.clusterStatus());
            if (!Arrays.equals(now, said)) {
                out.write(DATA);
                out.write(now);
                out.write(END_OF_EVENT);
                out.flush();
                said = now;
                quiet = 0;
            } else if (++quiet == HEARTBEAT_PAUSES) {
                out.write(HEARTBEAT);
                out.flush();
                quiet = 0;
            }
        } while (!closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS));
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
