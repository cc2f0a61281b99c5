package org.barnraiser.coordinator.schedule;

import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;

/** An {@link InMemoryPipeline} behind a link with a thread of its own. A breach of the protocol breaks the link. */
final class ThreadedPipeline implements PipelineLink {
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final InMemoryPipeline pipeline;
    private volatile Optional<Listener> listener = Optional.empty();
    private volatile Optional<AssertionError> breach = Optional.empty();
    private volatile boolean ready = true;
    private volatile boolean silent;
    private volatile boolean closed;

    ThreadedPipeline(long epoch, DriverLimits limits) {
        pipeline = new InMemoryPipeline(epoch, limits);
    }

    /** To be given to a loop, once. */
    PipelineLink open(Listener hears) {
        listener = Optional.of(hears);
        return this;
    }

    Listener listener() {
        return listener.orElseThrow();
    }

    Optional<AssertionError> breach() {
        return breach;
    }

    boolean isClosed() {
        return closed;
    }

    void becomeReady(boolean nowReady) {
        ready = nowReady;
        if (nowReady) {
            listener().onReady();
        }
    }

    /** From now on results do not arrive. */
    void fallSilent() {
        silent = true;
    }

    @Override
    public void send(Step step) {
        thread.execute(() -> {
            try {
                pipeline.send(step);
                Optional<StepResult> result = pipeline.takeResult();
                if (!silent) {
                    listener().onResult(result.orElseThrow());
                }
            } catch (AssertionError e) {
                breach = Optional.of(e);
                listener().onBroken("breach");
            }
        });
    }

    @Override
    public boolean isReady() {
        return ready;
    }

    @Override
    public void close() {
        closed = true;
        thread.shutdown();
    }
}
