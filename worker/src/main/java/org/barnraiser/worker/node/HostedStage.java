package org.barnraiser.worker.node;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.barnraiser.proto.LayerRange;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.proto.StageBeat;
import org.barnraiser.proto.StepResult;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.NativeHeap;
import org.barnraiser.worker.stage.StageEngine;
import org.barnraiser.worker.stage.StageSettings;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loaded stage: its engine, the one platform thread that the engine belongs to, and what it serves, if anything yet. It
 * stays loaded until it is closed, whoever of its neighbours comes and goes.
 */
final class HostedStage implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostedStage.class);
    /** Steps that flow control lets in, and a little control work. */
    private static final int MAX_QUEUED = StepFlow.MAX_WAITING + 16;
    /** llama.cpp parses grammars recursively. */
    private static final long STACK_BYTES = 64L << 20;

    private final StageEngine engine;
    private final ThreadPoolExecutor thread;
    private final LongSupplier memoryBytes;
    private final List<AutoCloseable> resources;
    private final ResultStream results = new ResultStream();
    private final StageActivity activity = new StageActivity();
    /** These two are guarded by this. */
    private @Nullable Binding binding;
    private @Nullable StepFlow flow;

    private HostedStage(StageEngine engine, ThreadPoolExecutor thread, LongSupplier memoryBytes,
            List<AutoCloseable> resources) {
        this.engine = engine;
        this.thread = thread;
        this.memoryBytes = memoryBytes;
        this.resources = resources;
    }

    /**
     * Opens an engine on a thread of its own and waits for it.
     *
     * @param memoryBytes what it takes of this worker's memory
     * @param resources closed after the engine, whether or not it could be opened
     * @throws ExecutionException with the reason that the engine could not be opened
     */
    static HostedStage open(LayerRange layers, Callable<StageEngine> opening, LongSupplier memoryBytes,
            List<AutoCloseable> resources) throws ExecutionException, InterruptedException {
        String name = "stage-" + layers.getFirst() + "-" + (layers.getLast() - 1);
        var thread = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_QUEUED),
                Thread.ofPlatform().name(name).daemon().stackSize(STACK_BYTES).factory());
        Future<StageEngine> opened = thread.submit(opening);
        try {
            return new HostedStage(opened.get(), thread, memoryBytes, resources);
        } catch (ExecutionException | InterruptedException e) {
            // A cancelled load goes on inside llama.cpp; what it made is closed by its own thread afterwards.
            Future<?> _ = thread.submit(() -> {
                try {
                    opened.get().close();
                } finally {
                    closeAll(resources);
                }
                return null;
            });
            thread.shutdown();
            throw e;
        }
    }

    StageEngine engine() {
        return engine;
    }

    /** What it takes of the memory that this worker lends. */
    long memoryBytes() {
        return memoryBytes.getAsLong();
    }

    StageActivity activity() {
        return activity;
    }

    /** Whether this is what a load with this shard and these settings would give. */
    boolean isSame(ShardSpec shard, StageSettings settings) {
        return engine.settings().equals(settings) && engine.spec().equals(shard);
    }

    /** What is served; empty while the stage is only prepared. */
    synchronized Optional<Binding> binding() {
        return Optional.ofNullable(binding);
    }

    /** Empty while the stage is only prepared. */
    synchronized String pipelineId() {
        return binding == null ? "" : binding.pipelineId();
    }

    /** Whether it only guesses for another model. */
    synchronized boolean isDraft() {
        return binding != null && binding.draft();
    }

    /** 0 while the stage is only prepared. */
    synchronized long epoch() {
        return binding == null ? 0 : binding.epoch();
    }

    synchronized boolean runs(String pipelineId, long epoch) {
        return binding != null && binding.pipelineId().equals(pipelineId) && binding.epoch() == epoch;
    }

    /** Serves this from now on: ends all links and empties the cache. */
    void serve(Binding newBinding) {
        StepFlow superseded;
        var status = Status.ABORTED.withDescription("Epoch " + newBinding.epoch() + " has begun.");
        synchronized (this) {
            binding = newBinding;
            superseded = flow;
            flow = null;
            results.end(status);
            results.clear();
        }
        if (superseded != null) {
            superseded.fail(status);
        }
        clearCache();
    }

    /**
     * Takes steps of this flow from now on; an earlier one ends. The cache is emptied, since nobody knows which steps of
     * the earlier one were computed.
     *
     * @throws FencedException when something else is served by now
     */
    void attach(StepFlow newFlow, Binding expected) throws FencedException {
        StepFlow superseded;
        synchronized (this) {
            if (!expected.equals(binding)) {
                throw FencedException.otherEpoch(expected.epoch(), epoch());
            }
            superseded = flow;
            flow = newFlow;
            results.clear();
        }
        if (superseded != null) {
            superseded.fail(Status.ABORTED.withDescription("A newer link of this pipeline has replaced this one."));
        }
        clearCache();
    }

    synchronized void detach(StepFlow ended) {
        if (ended.equals(flow)) {
            flow = null;
        }
    }

    synchronized boolean serves(StepFlow which) {
        return which.equals(flow);
    }

    /** Whose steps are computed; empty while no link is open. */
    synchronized Optional<StepFlow> flow() {
        return Optional.ofNullable(flow);
    }

    /** Sends results to this call from now on, if the epoch is still the one that is served. */
    void listen(ServerCallStreamObserver<StepResult> call, String pipelineId, long epoch) throws FencedException {
        synchronized (this) {
            if (!runs(pipelineId, epoch)) {
                throw FencedException.otherEpoch(epoch, epoch());
            }
            call.setOnReadyHandler(() -> results.ready(call));
            call.setOnCancelHandler(() -> results.ready(call));
            results.listen(call);
        }
    }

    /** Hands a result out, unless its flow was replaced meanwhile. */
    synchronized void deliver(StepResult result, StepFlow from) {
        if (from.equals(flow)) {
            results.deliver(result);
        }
    }

    /** Where the next stage is found; empty for a tail, and while the stage is only prepared. */
    synchronized String nextStageAddress() {
        return binding == null ? "" : binding.nextStageAddress();
    }

    /** What is going on here; never waits for the engine. */
    StageBeat beat() {
        StepFlow present;
        var beat = StageBeat.newBuilder().setShardId(engine.spec().getShardId())
                .setModelDigest(engine.spec().getModelDigest());
        synchronized (this) {
            present = flow;
            beat.setPipelineId(pipelineId()).setEpoch(epoch());
        }
        return beat.setStepsTotal(activity.stepsTotal()).setBusyMillis(activity.busyMillis())
                .setNextLinkOpen(engine.spec().getTail() || (present != null && present.hasOpened())).build();
    }

    /**
     * Does the work on the engine's thread, in turn.
     *
     * @throws RejectedExecutionException when the stage is closed or its queue is full
     */
    void submit(Runnable work) {
        Future<?> _ = thread.submit(() -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                LOG.error("A stage could not do its work", e);
            }
        });
    }

    /**
     * Computes something on the engine's thread, in turn.
     *
     * @throws RejectedExecutionException when the stage is closed or its queue is full
     */
    <T> Future<T> call(Callable<T> work) {
        return thread.submit(work);
    }

    private void clearCache() {
        submit(() -> {
            try {
                engine.clear();
            } catch (LlamaException e) {
                LOG.error("The cache of pipeline {} cannot be emptied: {}", pipelineId(), e.getMessage());
            }
        });
    }

    /** Ends all links, and lets the engine's thread free everything after what it is doing; does not wait for it. */
    @Override
    public void close() {
        StepFlow ended;
        var status = Status.UNAVAILABLE.withDescription("The stage is being unloaded.");
        synchronized (this) {
            ended = flow;
            flow = null;
            results.end(status);
        }
        if (ended != null) {
            ended.fail(status);
        }
        if (!thread.isShutdown()) {
            var waiting = new ArrayList<Runnable>();
            thread.getQueue().drainTo(waiting);
            waiting.forEach(work -> ((Future<?>) work).cancel(false));
            submit(() -> {
                engine.close();
                closeAll(resources);
                NativeHeap.trim();
            });
            thread.shutdown();
        }
    }

    /** Whether everything was freed in time. */
    boolean awaitClosed(Duration timeout) throws InterruptedException {
        return thread.awaitTermination(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** For people. */
    @Override
    public synchronized String toString() {
        LayerRange layers = engine.spec().getLayers();
        return "layers " + layers.getFirst() + " to " + (layers.getLast() - 1)
                + (binding == null ? ", prepared" : " of pipeline " + binding.pipelineId());
    }

    private static void closeAll(List<AutoCloseable> resources) {
        for (AutoCloseable resource : resources) {
            try {
                resource.close();
            } catch (Exception e) {
                LOG.warn("Something of a stage could not be closed", e);
            }
        }
    }
}
