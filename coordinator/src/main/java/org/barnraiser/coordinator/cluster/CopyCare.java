package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.weights.Holdings;
import org.barnraiser.coordinator.weights.ShardPieces;
import org.barnraiser.proto.Wish;
import org.barnraiser.proto.WorkerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that every tensor is on as many disks as wished. What has the fewest copies is fetched by one worker at a time,
 * machines that stand by first, and only into room that is free; on a virtual thread, and while nothing else is being moved.
 */
final class CopyCare implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CopyCare.class);
    private static final Duration LOOK = Duration.ofMillis(250);
    private static final Duration LISTED = Duration.ofSeconds(10);

    private final Tools tools;
    private final Rollout rollout;
    private final BooleanSupplier othersAtWork;
    /** The pieces of each stage, with the names of their tensors. */
    private final ImmutableList<ImmutableMap<ByteString, String>> stages;
    /** These are guarded by this. */
    private ImmutableList<WorkerRecord> workers;
    private final Set<Attempt> failed = new HashSet<>();
    private @Nullable StageLoad current;
    private boolean closed;
    private String hindrance = "";

    /** What it works with. */
    record Tools(int wish, Holdings holdings, LoadRequests loads, WorkerChannels channels, Duration loadStall) {}

    private record Attempt(String incarnationId, int stage) {}

    /**
     * How safe the model is.
     *
     * @param copies of the tensor that is on the fewest disks; empty when nothing is known
     * @param hindrance why there are not more, one sentence; empty while they are being made
     */
    record State(int copies, String tensor, String hindrance) {}

    private CopyCare(Tools tools, Rollout rollout, ImmutableList<WorkerRecord> workers, BooleanSupplier othersAtWork) {
        this.tools = tools;
        this.rollout = rollout;
        this.workers = workers;
        this.othersAtWork = othersAtWork;
        stages = rollout.stages().stream().map(stage -> ShardPieces.of(stage.load().getShard()))
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * Begins; returns at once.
     *
     * @param rollout the plan that runs
     * @param othersAtWork whether something more urgent is being moved; asked from another thread
     */
    static CopyCare start(Tools tools, Rollout rollout, ImmutableList<WorkerRecord> workers,
            BooleanSupplier othersAtWork) {
        CopyCare care = new CopyCare(tools, rollout, workers, othersAtWork);
        Thread.ofVirtual().name("copies-" + rollout.epoch()).start(care::run);
        return care;
    }

    /** The registered workers have changed, so that what failed may work now. */
    synchronized void onWorkers(ImmutableList<WorkerRecord> registered) {
        workers = registered;
        failed.clear();
        notifyAll();
    }

    /** Gives way to something more urgent; goes on when that is done. */
    synchronized void giveWay() {
        if (current != null) {
            current.cancel();
        }
    }

    /** From any thread. */
    Optional<State> state() {
        String why;
        synchronized (this) {
            why = hindrance;
        }
        return stages.stream().flatMap(stage -> stage.entrySet().stream()).map(this::state)
                .min(Comparator.comparingInt(State::copies))
                .map(least -> new State(least.copies(), least.tensor(), least.copies() < tools.wish() ? why : ""));
    }

    private State state(Map.Entry<ByteString, String> piece) {
        return new State(tools.holdings().copies(piece.getKey()), piece.getValue(), "");
    }

    private void run() {
        try {
            // Before, copies could come from nobody but the coordinator, whose line is the narrowest for what all want.
            long deadline = deadline();
            for (int stage = 0; stage < stages.size(); stage++) {
                isListedBefore(deadline, stage, rollout.stages().get(stage).worker());
            }
            while (rest()) {
                if (!othersAtWork.getAsBoolean()) {
                    improve();
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        } catch (RuntimeException e) {
            LOG.error("Further copies of the weights could not be made", e);
        }
    }

    private synchronized boolean rest() throws InterruptedException {
        if (!closed) {
            TimeUnit.NANOSECONDS.timedWait(this, LOOK.toNanos());
        }
        return !closed;
    }

    private void improve() throws InterruptedException {
        List<Integer> scarce = IntStream.range(0, stages.size()).boxed()
                .filter(stage -> copies(stage) < tools.wish())
                .sorted(Comparator.comparingInt(this::copies)).toList();
        if (scarce.isEmpty()) {
            hinderedBy("");
        }
        for (int stage : scarce) {
            Optional<WorkerRecord> worker = candidate(stage);
            if (worker.isPresent()) {
                fetch(stage, worker.get());
                return;
            }
        }
        if (!scarce.isEmpty()) {
            String last = hindrance();
            hinderedBy(last.isEmpty() ? "No other worker is there that could keep one." : last);
        }
    }

    private synchronized String hindrance() {
        return hindrance;
    }

    private synchronized void hinderedBy(String why) {
        hindrance = why;
    }

    private int copies(int stage) {
        return stages.get(stage).keySet().stream().mapToInt(tools.holdings()::copies).min().orElse(Integer.MAX_VALUE);
    }

    private synchronized Optional<WorkerRecord> candidate(int stage) {
        return workers.stream()
                .filter(worker -> worker.getWish() == Wish.WISH_LEND
                        && !failed.contains(new Attempt(worker.getIncarnationId(), stage))
                        && !isListed(stage, worker))
                .min(Comparator.comparing((WorkerRecord worker) -> rollout.uses(worker.getIncarnationId()))
                        .thenComparingInt(worker -> worker.getShardsHeldCount()));
    }

    private void fetch(int stage, WorkerRecord worker) throws InterruptedException {
        StageLoad load = StageLoad.of(tools.loads().spare(rollout.plan(), stage, worker),
                tools.channels().to(worker.getAddress()), tools.loadStall(), () -> {});
        synchronized (this) {
            if (closed) {
                return;
            }
            current = load;
        }
        LOG.info("Worker {} keeps a further copy of {}", worker.getWorkerId(), rollout.stages().get(stage).range());
        Optional<StageLoad.Failure> failure = load.await();
        synchronized (this) {
            current = null;
        }
        if (failure.isPresent()) {
            onFailed(stage, worker, failure.get());
        } else {
            hinderedBy("");
            if (!isListedBefore(deadline(), stage, worker)) {
                synchronized (this) {
                    failed.add(new Attempt(worker.getIncarnationId(), stage));
                }
            }
        }
    }

    private void onFailed(int stage, WorkerRecord worker, StageLoad.Failure failure) {
        LOG.info("No further copy: {}", failure.reason());
        // Who gave way to something more urgent is asked again.
        if (!othersAtWork.getAsBoolean()) {
            synchronized (this) {
                failed.add(new Attempt(worker.getIncarnationId(), stage));
                hindrance = failure.reason();
            }
        }
    }

    /** Waits until a worker is known to have what it has fetched: its next sign of life says so. False when it does not. */
    private synchronized boolean isListedBefore(long deadlineNanos, int stage, WorkerRecord worker)
            throws InterruptedException {
        while (!closed && System.nanoTime() < deadlineNanos && !isListed(stage, worker)) {
            TimeUnit.NANOSECONDS.timedWait(this, LOOK.toNanos());
        }
        return isListed(stage, worker);
    }

    private static long deadline() {
        return System.nanoTime() + LISTED.toNanos();
    }

    private boolean isListed(int stage, WorkerRecord worker) {
        return tools.holdings().hasAll(worker.getIncarnationId(), stages.get(stage).keySet());
    }

    /** Stops soon; what was fetched stays. Never blocks. */
    @Override
    public synchronized void close() {
        closed = true;
        giveWay();
        notifyAll();
    }
}
