package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableSetMultimap;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.Beat;
import org.barnraiser.proto.ProbeMessage;
import org.barnraiser.proto.PulseRequest;
import org.barnraiser.proto.StageBeat;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.proto.WorkerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Listens to the pulse of every worker, because a machine that hangs breaks no connection. Owned by the event loop, but for
 * {@link #beat}, {@link #prepared} and {@link #isSilent}, which any thread may ask.
 */
final class Vitals implements AutoCloseable {
    private static final int MIN_INTERVAL_MILLIS = 50;
    /** So many times the silence a new connection may take, over whatever ways, before it is given up for another. */
    private static final int ANEW = 4;
    /** After so many intervals a worker is asked again how far it is. */
    private static final int MEASURE_EVERY = 4;

    private final EventLoop loop;
    private final WorkerChannels channels;
    private final Duration interval;
    private final Duration silence;
    private final RoundTrips trips;
    private final OwnLine line;
    private final Ticker ticker;
    private final String modelDigest;
    private final Listener listener;
    /** By incarnation. */
    private final Map<String, Watch> watches = new ConcurrentHashMap<>();
    private long lastTickNanos;
    private boolean closed;

    /** Hears on the event loop. */
    interface Listener {
        /** A worker has given no sign of life for too long. */
        void onSilent(WorkerRecord worker);

        /** A silent worker beats again. */
        void onReturn(WorkerRecord worker);

        /** Once every interval, after the news of it. */
        void onTick();
    }

    /**
     * Listens to nobody yet.
     *
     * @param trips are measured on the way: who is far may be silent for longer
     * @param line hears of them, too
     */
    Vitals(EventLoop loop, WorkerChannels channels, ClusterTimings timings, RoundTrips trips, OwnLine line,
            Ticker ticker, String modelDigest, Listener listener) {
        this.line = line;
        this.trips = trips;
        this.loop = loop;
        this.channels = channels;
        interval = timings.pulse();
        silence = timings.silence();
        this.ticker = ticker;
        this.modelDigest = modelDigest;
        this.listener = listener;
    }

    /** Begins to tick. */
    void start() {
        lastTickNanos = ticker.read();
        loop.schedule(interval, this::tick);
    }

    /** Listens to these workers from now on, and to no others. */
    void watch(List<WorkerRecord> workers) {
        Map<String, WorkerRecord> wanted = new HashMap<>();
        workers.forEach(worker -> wanted.put(worker.getIncarnationId(), worker));
        watches.forEach((incarnation, watch) -> {
            if (!wanted.containsKey(incarnation)) {
                watches.remove(incarnation);
                watch.close();
            }
        });
        wanted.forEach((incarnation, worker) -> {
            if (!watches.containsKey(incarnation)) {
                Watch watch = new Watch(worker);
                watches.put(incarnation, watch);
                watch.open();
            }
        });
    }

    /** The latest sign of life of an incarnation; empty before the first. */
    Optional<Beat> beat(String incarnationId) {
        Watch watch = watches.get(incarnationId);
        return watch == null ? Optional.empty() : Optional.ofNullable(watch.beat);
    }

    /** Ids of this model's shards that each incarnation holds in memory without running them. */
    ImmutableSetMultimap<String, String> prepared() {
        ImmutableSetMultimap.Builder<String, String> prepared = ImmutableSetMultimap.builder();
        watches.forEach((incarnation, watch) -> {
            Beat latest = watch.beat;
            if (latest != null) {
                latest.getStagesList().stream().filter(stage -> stage.getPipelineId().isEmpty() && isOurs(stage))
                        .forEach(stage -> prepared.put(incarnation, stage.getShardId()));
            }
        });
        return prepared.build();
    }

    /** Workers of an older version do not say it. */
    private boolean isOurs(StageBeat stage) {
        return stage.getModelDigest().isEmpty() || stage.getModelDigest().equals(modelDigest);
    }

    boolean isSilent(String incarnationId) {
        Watch watch = watches.get(incarnationId);
        return watch != null && watch.silent;
    }

    private void tick() {
        if (closed) {
            return;
        }
        long now = ticker.read();
        // Who was paused itself must not take its own silence for that of others.
        boolean late = now - lastTickNanos > silence.toNanos() / 2;
        lastTickNanos = now;
        for (Watch watch : watches.values()) {
            watch.check(now, late);
        }
        listener.onTick();
        loop.schedule(interval, this::tick);
    }

    @Override
    public void close() {
        loop.execute(() -> {
            closed = true;
            watches.values().forEach(Watch::close);
            watches.clear();
        });
    }

    /** One worker. What the call writes is volatile; the rest is owned by the event loop. */
    private final class Watch {
        private final WorkerRecord worker;
        private volatile @Nullable Beat beat;
        private volatile long heardNanos = ticker.read();
        /** Another version of the worker, of which only broken connections tell. */
        private volatile boolean mute;
        private volatile boolean silent;
        private volatile Listening listening = new Listening(this);
        private long openedNanos;
        private int unmeasured;
        private volatile boolean measuring;

        Watch(WorkerRecord worker) {
            this.worker = worker;
        }

        void open() {
            openedNanos = ticker.read();
            listening = new Listening(this);
            WorkerControlGrpc.newStub(channels.to(worker.getAddress())).pulse(PulseRequest.newBuilder()
                    .setIntervalMillis(Math.max(MIN_INTERVAL_MILLIS, Math.toIntExact(interval.toMillis())))
                    .build(), listening);
        }

        void check(long now, boolean late) {
            if (mute) {
                return;
            }
            if (late && !silent) {
                heardNanos = now;
            }
            boolean unheard = now - heardNanos > trips.patience(worker.getAddress(), silence).toNanos();
            if (unheard && !silent) {
                silent = true;
                listener.onSilent(worker);
            } else if (!unheard && silent) {
                silent = false;
                listener.onReturn(worker);
            }
            if (listening.ended) {
                // Else gRPC waits longer and longer until it tries to connect again.
                channels.to(worker.getAddress()).resetConnectBackoff();
                open();
            } else if (silent && now - openedNanos > ANEW * silence.toNanos()) {
                // A connection that was lost unheard, as when a machine has got another address, would say so only much later.
                listening.end();
                channels.to(worker.getAddress()).enterIdle();
                open();
            }
            if (++unmeasured >= MEASURE_EVERY && !silent && !measuring) {
                unmeasured = 0;
                measure();
            }
        }

        /** Nobody waits for the answer; while there is none, nobody asks again. */
        private void measure() {
            measuring = true;
            WorkerControlGrpc.newStub(channels.to(worker.getAddress()))
                    .withDeadlineAfter(RoundTrips.MOST_TIMES * silence.toNanos(), TimeUnit.NANOSECONDS)
                    .probe(ProbeMessage.getDefaultInstance(), new Trip(this));
        }

        void close() {
            mute = true;
            listening.end();
        }
    }

    /** One question to a worker, to see how long the answer takes. */
    private final class Trip implements StreamObserver<ProbeMessage> {
        private final Watch watch;
        private final long askedNanos = ticker.read();

        Trip(Watch watch) {
            this.watch = watch;
        }

        @Override
        public void onNext(ProbeMessage answer) {
            long nanos = ticker.read() - askedNanos;
            trips.learn(watch.worker.getAddress(), nanos);
            line.learn(watch.worker.getAddress(), nanos);
        }

        @Override
        public void onError(Throwable error) {
            // What the pulse says of it is heard elsewhere.
            watch.measuring = false;
        }

        @Override
        public void onCompleted() {
            watch.measuring = false;
        }
    }

    /** One call that listens to a worker. */
    private final class Listening implements ClientResponseObserver<PulseRequest, Beat> {
        private final Watch watch;
        private volatile @Nullable ClientCallStreamObserver<PulseRequest> call;
        private volatile boolean ended;

        Listening(Watch watch) {
            this.watch = watch;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<PulseRequest> stream) {
            call = stream;
        }

        @Override
        public void onNext(Beat next) {
            if (next.getIncarnationId().equals(watch.worker.getIncarnationId())) {
                watch.beat = next;
                watch.heardNanos = ticker.read();
            }
        }

        @Override
        public void onError(Throwable error) {
            if (Status.fromThrowable(error).getCode() == Status.Code.UNIMPLEMENTED) {
                watch.mute = true;
            }
            ended = true;
        }

        @Override
        public void onCompleted() {
            ended = true;
        }

        void end() {
            ClientCallStreamObserver<PulseRequest> stream = call;
            if (stream != null) {
                stream.cancel("nobody listens any more", null);
            }
        }
    }
}
