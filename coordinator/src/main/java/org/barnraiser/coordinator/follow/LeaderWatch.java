package org.barnraiser.coordinator.follow;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.barnraiser.proto.LeaderGrpc;
import org.barnraiser.proto.LeaderState;
import org.barnraiser.proto.WatchRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens to one leader until it is closed, and asks again whenever the leader falls silent. One virtual thread waits, and calls the
 * listener.
 */
final class LeaderWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderWatch.class);
    private static final Duration PAUSE = Duration.ofMillis(250);

    private final Channel leader;
    private final WatchRequest request;
    private final Duration silence;
    private final Listener listener;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    /** Hears of the leader; may hear a last word after the watch has been closed. */
    interface Listener {
        void onState(LeaderState state);

        /**
         * The leader cannot be heard.
         *
         * @param reason one sentence in plain words
         */
        void onSilence(String reason);
    }

    private LeaderWatch(Channel leader, String modelDigest, Duration silence, Listener listener) {
        this.leader = leader;
        this.silence = silence;
        this.listener = listener;
        request = WatchRequest.newBuilder().setModelDigest(modelDigest).build();
        thread = Thread.ofVirtual().name("leader-watch").unstarted(this::run);
    }

    /**
     * Begins to listen; returns at once.
     *
     * @param silence how long the leader may say nothing
     */
    static LeaderWatch start(Channel leader, String modelDigest, Duration silence, Listener listener) {
        LeaderWatch watch = new LeaderWatch(leader, modelDigest, silence, listener);
        watch.thread.start();
        return watch;
    }

    private void run() {
        try {
            do {
                listener.onSilence(listen());
            } while (!closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException _) {
            LOG.debug("The watch of a leader is closed.");
        } catch (RuntimeException e) {
            LOG.error("The watch of a leader failed.", e);
            listener.onSilence("This coordinator failed to listen to the one that leads.");
        }
    }

    /** Hands on what the leader says until it says no more; why, then. */
    private String listen() throws InterruptedException {
        BlockingClientCall<?, LeaderState> call = LeaderGrpc.newBlockingV2Stub(leader).watch(request);
        try {
            LeaderState state;
            while ((state = call.read(silence.toNanos(), TimeUnit.NANOSECONDS)) != null) {
                listener.onState(state);
            }
            return "The coordinator that leads has ended the connection.";
        } catch (TimeoutException _) {
            return "The coordinator that leads has said nothing for " + silence.toMillis() + " ms.";
        } catch (StatusException e) {
            return words(e.getStatus());
        } finally {
            call.cancel("nobody listens any more", null);
        }
    }

    private static String words(Status status) {
        return switch (status.getCode()) {
            case FAILED_PRECONDITION -> "The coordinator that is to lead does not lead yet.";
            case NOT_FOUND -> "This coordinator cannot follow: " + Said.line(status.getDescription()) + ".";
            default -> "The coordinator that leads cannot be reached.";
        };
    }

    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
    }
}
