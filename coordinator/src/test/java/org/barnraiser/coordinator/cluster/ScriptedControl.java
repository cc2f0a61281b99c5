package org.barnraiser.coordinator.cluster;

import com.google.common.base.Splitter;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.barnraiser.proto.Beat;
import org.barnraiser.proto.DescribeRequest;
import org.barnraiser.proto.LoadProgress;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.MeasureRequest;
import org.barnraiser.proto.MeasureResponse;
import org.barnraiser.proto.ProbeMessage;
import org.barnraiser.proto.PulseRequest;
import org.barnraiser.proto.ReachRequest;
import org.barnraiser.proto.ReachResponse;
import org.barnraiser.proto.StageBeat;
import org.barnraiser.proto.TokenizeRequest;
import org.barnraiser.proto.TokenizeResponse;
import org.barnraiser.proto.UnloadRequest;
import org.barnraiser.proto.UnloadResponse;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.proto.WorkerRecord;

/** The control calls of a {@link ScriptedWorker}: remembers what it was asked, and loads as the script of the moment says. */
final class ScriptedControl extends WorkerControlGrpc.WorkerControlImplBase {
    /** Loads at once. */
    static final Consumer<StreamObserver<LoadProgress>> LOADS = progress -> {
        progress.onNext(LoadProgress.newBuilder().setPhase(LoadProgress.Phase.READY).build());
        progress.onCompleted();
    };

    private final ScriptedStage stage;
    private final List<LoadShardRequest> loads = new CopyOnWriteArrayList<>();
    private final List<LoadShardRequest> aheads = new CopyOnWriteArrayList<>();
    private final List<UnloadRequest> unloads = new CopyOnWriteArrayList<>();
    private final Set<String> prepared = ConcurrentHashMap.newKeySet();
    private final Set<String> outOfReach = ConcurrentHashMap.newKeySet();
    private final AtomicInteger probes = new AtomicInteger();
    private final ScheduledExecutorService heart;
    private volatile boolean hanging;
    private volatile boolean full;
    private volatile long decodeMicros = 1000;
    private volatile WorkerRecord record = WorkerRecord.getDefaultInstance();
    private volatile Consumer<StreamObserver<LoadProgress>> script = LOADS;

    /**
     * Makes the control calls of a worker.
     *
     * @param heart runs its pulses
     */
    ScriptedControl(ScriptedStage stage, ScheduledExecutorService heart) {
        this.stage = stage;
        this.heart = heart;
    }

    /** From now on nothing is answered and nothing beats, but no connection breaks. */
    void hang() {
        hanging = true;
    }

    void wakeUp() {
        hanging = false;
    }

    /** From now on nothing can be prepared beside what runs. */
    void fillMemory() {
        full = true;
    }

    /** From now on the other is not reached from here. */
    void cutWayTo(ScriptedWorker other) {
        outOfReach.add(other.record().getAddress());
    }

    void mendWays() {
        outOfReach.clear();
    }

    /** What a step of one token takes here, through one layer. */
    void computeLayerIn(long micros) {
        decodeMicros = micros;
    }

    void describeAs(WorkerRecord worker) {
        record = worker;
    }

    /** What the next loads do. */
    void onLoad(Consumer<StreamObserver<LoadProgress>> next) {
        script = next;
    }

    /** Refuses the next loads. */
    void refuseLoads(Status status) {
        onLoad(progress -> progress.onError(status.asRuntimeException()));
    }

    /** What it was asked to run. */
    List<LoadShardRequest> loads() {
        return loads;
    }

    /** What it was asked to prepare or to fetch. */
    List<LoadShardRequest> aheads() {
        return aheads;
    }

    boolean hasPrepared(int first, int last) {
        return prepared.contains(PlainShardSource.shardId(first, last));
    }

    /** How often somebody wanted to know how far it is. */
    int probes() {
        return probes.get();
    }

    List<UnloadRequest> unloads() {
        return unloads;
    }

    @Override
    public void describe(DescribeRequest request, StreamObserver<WorkerRecord> answer) {
        if (hanging) {
            return;
        }
        answer.onNext(record);
        answer.onCompleted();
    }

    @Override
    public void probe(ProbeMessage request, StreamObserver<ProbeMessage> answer) {
        if (hanging) {
            return;
        }
        probes.incrementAndGet();
        answer.onNext(request);
        answer.onCompleted();
    }

    @Override
    public void pulse(PulseRequest request, StreamObserver<Beat> beats) {
        var call = (ServerCallStreamObserver<Beat>) beats;
        call.setOnCancelHandler(() -> {});
        beat(call, request.getIntervalMillis());
    }

    private void beat(ServerCallStreamObserver<Beat> call, long intervalMillis) {
        if (call.isCancelled()) {
            return;
        }
        if (!hanging) {
            Beat.Builder beat = Beat.newBuilder().setIncarnationId(record.getIncarnationId());
            stage.beat().ifPresent(beat::addStages);
            prepared.forEach(shard -> beat.addStages(StageBeat.newBuilder().setShardId(shard)));
            call.onNext(beat.build());
        }
        try {
            var _ = heart.schedule(() -> beat(call, intervalMillis), intervalMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException _) {
            // The cluster is being closed.
        }
    }

    @Override
    public void reach(ReachRequest request, StreamObserver<ReachResponse> answer) {
        if (hanging) {
            return;
        }
        answer.onNext(ReachResponse.newBuilder().setReached(!outOfReach.contains(request.getAddress())).build());
        answer.onCompleted();
    }

    @Override
    public void measure(MeasureRequest request, StreamObserver<MeasureResponse> answer) {
        if (!prepared.contains(request.getShardId())) {
            answer.onError(Status.FAILED_PRECONDITION.asRuntimeException());
            return;
        }
        List<String> parts = Splitter.on('-').splitToList(request.getShardId());
        long layers = Long.parseLong(parts.get(2)) - Long.parseLong(parts.get(1));
        answer.onNext(MeasureResponse.newBuilder().setDecodeMicros(layers * decodeMicros).build());
        answer.onCompleted();
    }

    private void loadAhead(LoadShardRequest request, StreamObserver<LoadProgress> progress) {
        aheads.add(request);
        if (request.getExtent() == LoadShardRequest.Extent.PREPARE) {
            if (full) {
                progress.onError(Status.RESOURCE_EXHAUSTED.withDescription("both do not fit").asRuntimeException());
                return;
            }
            prepared.add(request.getShard().getShardId());
        }
        LOADS.accept(progress);
    }

    @Override
    public void loadShard(LoadShardRequest request, StreamObserver<LoadProgress> progress) {
        if (hanging) {
            return;
        }
        if (request.getExtent() != LoadShardRequest.Extent.RUN) {
            loadAhead(request, progress);
            return;
        }
        loads.add(request);
        if (!stage.load(request)) {
            progress.onError(
                    Status.FAILED_PRECONDITION.withDescription("a newer plan is loaded here").asRuntimeException());
            return;
        }
        prepared.remove(request.getShard().getShardId());
        script.accept(progress);
    }

    @Override
    public void unload(UnloadRequest request, StreamObserver<UnloadResponse> answer) {
        unloads.add(request);
        if (hanging) {
            return;
        }
        prepared.remove(request.getShardId());
        stage.unload(request);
        answer.onNext(UnloadResponse.newBuilder().setUnloaded(true).build());
        answer.onCompleted();
    }

    /** A token per character: 1 for a, 2 for b and so on. */
    @Override
    public void tokenize(TokenizeRequest request, StreamObserver<TokenizeResponse> answer) {
        TokenizeResponse.Builder response = TokenizeResponse.newBuilder();
        request.getPartsList().forEach(part -> part.getText().chars().forEach(c -> response.addTokens(c - 'a' + 1)));
        answer.onNext(response.build());
        answer.onCompleted();
    }
}
