package org.barnraiser.worker.node;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.barnraiser.proto.Beat;
import org.barnraiser.proto.PieceTraffic;
import org.barnraiser.proto.StageBeat;

/**
 * Signs of life for whoever listens. They come from a thread that touches neither an engine nor the network's threads, so
 * they go on while llama.cpp computes and stop when the process does. A listener that does not keep up misses beats.
 */
final class Pulse implements AutoCloseable {
    private static final int MAX_LISTENERS = 64;
    private static final int MIN_INTERVAL_MILLIS = 50;
    private static final int MAX_INTERVAL_MILLIS = 10_000;

    private final String incarnationId;
    private final StageRegistry registry;
    private final Supplier<PieceTraffic> pieces;
    private final MachineWatch machine;
    private final UnaryOperator<String> ways;
    private final ScheduledExecutorService timer = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("pulse").factory());
    /** Guarded by itself. */
    private final Map<ServerCallStreamObserver<Beat>, Future<?>> listeners = new HashMap<>();

    /** @param ways how a worker that is found there is reached now, in words */
    Pulse(String incarnationId, StageRegistry registry, Supplier<PieceTraffic> pieces, MachineWatch machine,
            UnaryOperator<String> ways) {
        this.incarnationId = incarnationId;
        this.registry = registry;
        this.pieces = pieces;
        this.machine = machine;
        this.ways = ways;
    }

    /** Beats at once and then every interval, until the caller stops listening. Never blocks. */
    void listen(ServerCallStreamObserver<Beat> listener, int intervalMillis) {
        if (intervalMillis < MIN_INTERVAL_MILLIS || intervalMillis > MAX_INTERVAL_MILLIS) {
            listener.onError(Status.INVALID_ARGUMENT.withDescription("interval_millis is " + intervalMillis
                    + ", outside " + MIN_INTERVAL_MILLIS + ".." + MAX_INTERVAL_MILLIS + ".").asException());
            return;
        }
        synchronized (listeners) {
            if (listeners.size() < MAX_LISTENERS) {
                listener.setOnCancelHandler(() -> forget(listener));
                // With a fixed delay, since a process that was stopped for a while must not catch up on beats.
                listeners.put(listener, timer.scheduleWithFixedDelay(() -> beat(listener), 0, intervalMillis,
                        TimeUnit.MILLISECONDS));
                return;
            }
        }
        listener.onError(Status.RESOURCE_EXHAUSTED
                .withDescription("At most " + MAX_LISTENERS + " can listen to this worker's pulse.").asException());
    }

    private void beat(ServerCallStreamObserver<Beat> listener) {
        if (listener.isCancelled()) {
            forget(listener);
        } else if (listener.isReady()) {
            Beat.Builder beat = Beat.newBuilder().setIncarnationId(incarnationId)
                    .addAllStages(registry.all().stream().map(this::beat).toList()).setPieces(pieces.get());
            machine.latest().ifPresent(beat::setMachine);
            listener.onNext(beat.build());
        }
    }

    private StageBeat beat(HostedStage stage) {
        String next = stage.nextStageAddress();
        return next.isEmpty() ? stage.beat() : stage.beat().toBuilder().setNextWay(ways.apply(next)).build();
    }

    private void forget(ServerCallStreamObserver<Beat> listener) {
        synchronized (listeners) {
            Future<?> beating = listeners.remove(listener);
            if (beating != null) {
                beating.cancel(false);
            }
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
