package org.barnraiser.coordinator.schedule;

import com.google.common.base.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Time that passes when the test says so, on the test's own thread. */
final class FakeClock extends Ticker implements Alarm {
    private final List<Pending> pending = new ArrayList<>();
    private long nanos;

    private record Pending(long atNanos, Runnable task) {}

    @Override
    public long read() {
        return nanos;
    }

    @Override
    public Runnable ring(Duration delay, Runnable task) {
        Pending entry = new Pending(nanos + delay.toNanos(), task);
        pending.add(entry);
        return () -> pending.remove(entry);
    }

    void pass(Duration time) {
        long end = nanos + time.toNanos();
        for (Optional<Pending> next = due(end); next.isPresent(); next = due(end)) {
            pending.remove(next.get());
            nanos = Math.max(nanos, next.get().atNanos());
            next.get().task().run();
        }
        nanos = end;
    }

    private Optional<Pending> due(long end) {
        return pending.stream().filter(entry -> entry.atNanos() <= end).min(Comparator.comparingLong(Pending::atNanos));
    }

    /** Tasks that will ring one day. */
    int pending() {
        return pending.size();
    }

    @Override
    public void close() {
        pending.clear();
    }
}
