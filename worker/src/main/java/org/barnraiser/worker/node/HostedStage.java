package org.barnraiser.worker.node;

import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.stage.StageEngine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loaded stage: its engine, the one platform thread that the engine belongs to, and who may use it. It stays loaded
 * until it is closed, whoever of its neighbours comes and goes.
 */
final class HostedStage implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostedStage.class);
    /** Steps that flow control lets in, and a little control work. */
    private static final int MAX_QUEUED = StepReceiver.MAX_WAITING + 16;
    /** llama.cpp parses grammars recursively. */
    private static final long STACK_BYTES = 64L << 20;

    private final String pipelineId;
    private final StageEngine engine;
    private final ThreadPoolExecutor thread;
    private final List<AutoCloseable> resources;
    private final ResultStream results = new ResultStream();
    /** These three are guarded by this. */
    private long epoch;
    private String nextStageAddress;
    private @Nullable StepReceiver receiver;

    private HostedStage(String pipelineId, StageEngine engine, ThreadPoolExecutor thread,
            List<AutoCloseable> resources) {
        this.pipelineId = pipelineId;
        this.engine = engine;
        this.thread = thread;
        this.resources = resources;
        nextStageAddress = "";
    }

    /**
     * Opens an engine on a thread of its own and waits for it.
     *
     * @param resources closed after the engine, whether or not it could be opened
     * @throws ExecutionException with the reason that the engine could not be opened
     */
    static HostedStage open(String pipelineId, Callable<StageEngine> opening, List<AutoCloseable> resources)
            throws ExecutionException, InterruptedException {
        var thread = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_QUEUED),
                Thread.ofPlatform().name("stage-" + pipelineId).daemon().stackSize(STACK_BYTES).factory());
        Future<StageEngine> opened = thread.submit(opening);
        try {
            return new HostedStage(pipelineId, opened.get(), thread, resources);
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

    String pipelineId() {
        return pipelineId;
    }

    StageEngine engine() {
        return engine;
    }

    ResultStream results() {
        return results;
    }

    synchronized long epoch() {
        return epoch;
    }

    synchronized String nextStageAddress() {
        return nextStageAddress;
    }

    /** Serves a newer epoch from now on: ends all links and empties the cache. */
    void renew(long newEpoch, String newNextStageAddress) {
        StepReceiver superseded;
        synchronized (this) {
            epoch = newEpoch;
            nextStageAddress = newNextStageAddress;
            superseded = receiver;
            receiver = null;
        }
        var status = Status.ABORTED.withDescription("Epoch " + newEpoch + " has begun.");
        if (superseded != null) {
            superseded.fail(status);
        }
        results.end(status);
        results.clear();
        clearCache();
    }

    /**
     * Takes steps from this link from now on; an earlier link ends. The cache is emptied, since nobody knows which steps of
     * the earlier link were computed.
     */
    void attach(StepReceiver newReceiver) {
        StepReceiver superseded;
        synchronized (this) {
            superseded = receiver;
            receiver = newReceiver;
        }
        if (superseded != null) {
            superseded.fail(Status.ABORTED.withDescription("A newer link of this pipeline has replaced this one."));
        }
        results.clear();
        clearCache();
    }

    synchronized void detach(StepReceiver ended) {
        if (ended.equals(receiver)) {
            receiver = null;
        }
    }

    synchronized boolean serves(StepReceiver which) {
        return which.equals(receiver);
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
                LOG.error("Stage {} could not do its work", pipelineId, e);
            }
        });
    }

    private void clearCache() {
        submit(() -> {
            try {
                engine.clear();
            } catch (LlamaException e) {
                LOG.error("The cache of pipeline {} cannot be emptied: {}", pipelineId, e.getMessage());
            }
        });
    }

    /** Ends all links, and lets the engine's thread free everything after what it is doing; does not wait for it. */
    @Override
    public void close() {
        StepReceiver ended;
        synchronized (this) {
            ended = receiver;
            receiver = null;
        }
        var status = Status.UNAVAILABLE.withDescription("The stage is being unloaded.");
        if (ended != null) {
            ended.fail(status);
        }
        results.end(status);
        if (!thread.isShutdown()) {
            thread.getQueue().clear();
            submit(() -> {
                engine.close();
                closeAll(resources);
            });
            thread.shutdown();
        }
    }

    /** Whether everything was freed in time. */
    boolean awaitClosed(Duration timeout) throws InterruptedException {
        return thread.awaitTermination(timeout.toNanos(), TimeUnit.NANOSECONDS);
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
