package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSetMultimap;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.plan.MachineOffer;
import org.barnraiser.proto.LoadShardRequest.Extent;
import org.barnraiser.proto.MeasureRequest;
import org.barnraiser.proto.MeasureResponse;
import org.barnraiser.proto.StageRecord;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.proto.WorkerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes stand-bys ready to take over: each gets one stage into memory, another one than its neighbours, is measured with it, and then gets
 * every stage that it has room for onto its disk. One virtual thread, one thing at a time, so that answers are not disturbed.
 */
final class StandbyCare implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StandbyCare.class);
    /** Some steps of a large shard. */
    private static final Duration MEASURE_DEADLINE = Duration.ofMinutes(2);

    private final Rollout rollout;
    private final ImmutableList<WorkerRecord> standbys;
    private final ImmutableSetMultimap<String, String> prepared;
    private final LoadRequests loads;
    private final WorkerChannels channels;
    private final Duration loadStall;
    private final Unloader unloader;
    private final Listener listener;
    private @Nullable StageLoad current;
    private boolean closed;
    private volatile boolean done;

    /** Hears from the carer's own thread. */
    interface Listener {
        /** What a stand-by is doing, or is there for, in words. */
        void onNote(WorkerRecord standby, String note);

        /** How fast it is: one step of one token through all layers of the stage. */
        void onMeasured(WorkerRecord standby, int stageIndex, long decodeMicros);
    }

    private StandbyCare(Rollout rollout, ImmutableList<WorkerRecord> standbys,
            ImmutableSetMultimap<String, String> prepared, LoadRequests loads, WorkerChannels channels,
            Duration loadStall, Unloader unloader, Listener listener) {
        this.rollout = rollout;
        this.standbys = standbys;
        this.prepared = prepared;
        this.loads = loads;
        this.channels = channels;
        this.loadStall = loadStall;
        this.unloader = unloader;
        this.listener = listener;
    }

    /**
     * Begins; returns at once.
     *
     * @param rollout the plan that runs
     * @param prepared ids of the shards that each incarnation holds in memory
     */
    static StandbyCare start(Rollout rollout, ImmutableList<WorkerRecord> standbys,
            ImmutableSetMultimap<String, String> prepared, LoadRequests loads, WorkerChannels channels,
            Duration loadStall, Unloader unloader, Listener listener) {
        StandbyCare care = new StandbyCare(rollout, standbys, prepared, loads, channels, loadStall, unloader,
                listener);
        Thread.ofVirtual().name("stand-bys-" + rollout.epoch()).start(care::run);
        return care;
    }

    private void run() {
        try {
            int[] carers = new int[rollout.stages().size()];
            for (WorkerRecord standby : standbys) {
                heldStage(standby).ifPresent(stage -> carers[stage]++);
            }
            for (WorkerRecord standby : standbys) {
                prepare(standby, carers);
            }
            for (WorkerRecord standby : standbys) {
                fetchAll(standby);
            }
        } catch (RuntimeException e) {
            LOG.error("The stand-bys could not be made ready", e);
        } finally {
            done = true;
        }
    }

    /** From any thread. */
    boolean isAtWork() {
        return !done;
    }

    /** The stage that a stand-by has in memory. */
    private Optional<Integer> heldStage(WorkerRecord standby) {
        return indexes().stream()
                .filter(stage -> prepared.containsEntry(standby.getIncarnationId(), shardId(stage, standby)))
                .findFirst();
    }

    private void prepare(WorkerRecord standby, int[] carers) {
        Optional<Integer> held = heldStage(standby);
        Optional<Integer> chosen = held.or(() -> indexes().stream().filter(stage -> fits(stage, standby))
                .min((one, other) -> Integer.compare(carers[one], carers[other])));
        prepared.get(standby.getIncarnationId()).stream()
                .filter(shard -> chosen.isEmpty() || !shard.equals(shardId(chosen.get(), standby)))
                .forEach(shard -> unloader.discard(standby, shard));
        if (chosen.isEmpty()) {
            listener.onNote(standby, "Too small for any stage.");
            return;
        }
        int stage = chosen.get();
        if (held.isEmpty()) {
            carers[stage]++;
            if (!load(standby, stage, Extent.PREPARE, "Preparing ")) {
                return;
            }
        }
        listener.onNote(standby, "Ready to take over " + rollout.stages().get(stage).range() + ".");
        measure(standby, stage);
    }

    private void fetchAll(WorkerRecord standby) {
        List<Integer> missing = new ArrayList<>(indexes());
        missing.removeIf(stage -> !fits(stage, standby)
                || standby.getShardsHeldList().contains(shardId(stage, standby)));
        for (int stage : missing) {
            if (!load(standby, stage, Extent.FETCH, "Fetching ")) {
                return;
            }
        }
    }

    private boolean load(WorkerRecord standby, int index, Extent extent, String verb) {
        Rollout.Stage stage = loads.stage(rollout.plan(), index, standby, extent);
        StageLoad load = StageLoad.of(stage, channels.to(standby.getAddress()), loadStall, () -> {});
        synchronized (this) {
            if (closed) {
                return false;
            }
            current = load;
        }
        if (extent == Extent.PREPARE) {
            listener.onNote(standby, verb + stage.range() + ".");
        }
        Optional<StageLoad.Failure> failure = load.await();
        failure.ifPresent(failed -> {
            LOG.info("A stand-by is not ready: {}", failed.reason());
            listener.onNote(standby, failed.reason());
        });
        return failure.isEmpty();
    }

    private void measure(WorkerRecord standby, int stage) {
        try {
            MeasureResponse measured = WorkerControlGrpc.newBlockingStub(channels.to(standby.getAddress()))
                    .withDeadlineAfter(MEASURE_DEADLINE.toNanos(), TimeUnit.NANOSECONDS)
                    .measure(MeasureRequest.newBuilder().setShardId(shardId(stage, standby)).build());
            listener.onMeasured(standby, stage, measured.getDecodeMicros());
        } catch (StatusRuntimeException e) {
            LOG.info("Stand-by {} was not measured: {}", standby.getWorkerId(), StatusText.of(e.getStatus()));
        }
    }

    private String shardId(int stage, WorkerRecord worker) {
        return loads.shard(rollout.stages().get(stage).layers(), worker).getShardId();
    }

    private boolean fits(int index, WorkerRecord standby) {
        StageRecord stage = rollout.plan().getPipelines(0).getStages(index);
        return stage.getMemoryBytes() <= new MachineOffer(standby.getWorkerId(), standby.getIncarnationId(),
                standby.getAddress(), standby.getUsableMemoryBytes()).budgetBytes();
    }

    private List<Integer> indexes() {
        return IntStream.range(0, rollout.stages().size()).boxed().toList();
    }

    /** Stops soon; what is prepared stays. Never blocks. */
    @Override
    public synchronized void close() {
        closed = true;
        if (current != null) {
            current.cancel();
        }
    }
}
