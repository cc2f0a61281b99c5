package org.barnraiser.coordinator.lead;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.barnraiser.proto.LeaderState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Those who watch this coordinator. They hear its state at once, after every change and each second; who does not take it misses it, and
 * hears the next. One thread tells them all.
 */
final class Followers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Followers.class);

    static final Status NOT_LEADING = Status.FAILED_PRECONDITION.withDescription("another coordinator leads");

    /** Far more than any cluster has coordinators. */
    private static final int MAX_WATCHERS = 64;
    private static final long INTERVAL_MILLIS = 1_000;

    private final Leading leading;
    private final Set<ServerCallStreamObserver<LeaderState>> watchers = ConcurrentHashMap.newKeySet();
    private final ScheduledThreadPoolExecutor teller = new ScheduledThreadPoolExecutor(1,
            Thread.ofPlatform().name("followers").daemon().factory());
    private final AtomicBoolean announced = new AtomicBoolean();

    Followers(Leading leading) {
        this.leading = leading;
        var _ = teller.scheduleAtFixedRate(this::tell, INTERVAL_MILLIS, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    }

    void add(ServerCallStreamObserver<LeaderState> watcher) {
        if (watchers.size() >= MAX_WATCHERS) {
            watcher.onError(Status.RESOURCE_EXHAUSTED
                    .withDescription(MAX_WATCHERS + " coordinators watch this one; it takes no more")
                    .asRuntimeException());
            return;
        }
        watcher.setOnCancelHandler(() -> watchers.remove(watcher));
        watchers.add(watcher);
        announce();
    }

    /** Many announcements before the thread has run are one. */
    void announce() {
        if (announced.compareAndSet(false, true)) {
            try {
                teller.execute(this::tell);
            } catch (RejectedExecutionException e) {
                LOG.debug("Nobody is told any more.", e);
            }
        }
    }

    private void tell() {
        announced.set(false);
        try {
            if (!watchers.isEmpty()) {
                leading.state().ifPresentOrElse(this::tell, () -> end(NOT_LEADING));
            }
        } catch (RuntimeException e) {
            // The executor would keep it in a future that nobody reads, and tell nobody ever again.
            LOG.error("The followers could not be told.", e);
        }
    }

    private void tell(LeaderState state) {
        for (ServerCallStreamObserver<LeaderState> watcher : watchers) {
            if (watcher.isReady() && !watcher.isCancelled()) {
                watcher.onNext(state);
            }
        }
    }

    private void end(Status status) {
        for (ServerCallStreamObserver<LeaderState> watcher : List.copyOf(watchers)) {
            if (watchers.remove(watcher) && !watcher.isCancelled()) {
                watcher.onError(status.asRuntimeException());
            }
        }
    }

    @Override
    public void close() {
        if (!teller.isShutdown()) {
            teller.execute(() -> end(NOT_LEADING));
            teller.shutdown();
        }
    }
}
