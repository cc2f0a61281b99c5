package org.barnraiser.coordinator.api;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.Readiness;

/**
 * Where requests wait that come while machines take over from others: for so long, and so many. A model that is not on its way
 * back is not waited for, unless its machines come when they are asked for.
 */
final class WaitingRoom {
    /** Each place is a request in memory. */
    static final int PLACES = 64;
    private static final int RETRY_AFTER_SECONDS = 5;
    /** A client that leaves is noticed at once; only the model is looked at so often. */
    private static final Duration LOOK = Duration.ofMillis(50);
    /** A model that calls itself ready and yet does not answer is about to know better. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(250);

    private final HostedModel model;
    private final Duration patience;
    private final Semaphore places = new Semaphore(PLACES);
    private volatile boolean onDemand;

    /** What needs the model. */
    interface Attempt<T> {
        T run() throws ApiException, ModelUnavailableException;
    }

    WaitingRoom(HostedModel model, Duration patience) {
        this.model = model;
        this.patience = patience;
    }

    /** From now on it is worth waiting for the model whatever is missing: somebody sees that requests wait, and sends machines. */
    void expectMachines() {
        onDemand = true;
    }

    /** Requests that wait now. */
    int waiting() {
        return PLACES - places.availablePermits();
    }

    /**
     * Tries until the model is there for it. Blocks.
     *
     * @param stream nothing of which was started yet; when it is broken off, so is the waiting
     * @throws ApiException of the attempt, or why the model is not there
     */
    <T> T untilReady(AnswerStream stream, Attempt<T> attempt)
            throws ApiException, ClientGoneException, InterruptedException {
        long start = System.nanoTime();
        boolean seated = false;
        try {
            while (true) {
                ApiError error;
                switch (model.readiness()) {
                    case Readiness.Ready _ -> {
                        try {
                            return attempt.run();
                        } catch (ModelUnavailableException e) {
                            error = ApiException.of(e).error();
                        }
                    }
                    case Readiness.NotReady(String reason, int seconds, boolean takingOver) -> {
                        error = ApiError.notReady(reason, seconds);
                        if (!takingOver && !onDemand) {
                            throw new ApiException(error);
                        }
                    }
                }
                if (!error.isNotReady() || System.nanoTime() - start >= patience.toNanos()) {
                    throw new ApiException(error);
                }
                seated = seated || places.tryAcquire();
                if (!seated) {
                    throw new ApiException(ApiError.queueFull(
                            "Too many requests wait for machines already; try again in a few seconds.",
                            RETRY_AFTER_SECONDS));
                }
                await(stream, model.readiness() instanceof Readiness.Ready ? LOOK_AGAIN : LOOK);
            }
        } finally {
            if (seated) {
                places.release();
            }
        }
    }

    private static void await(AnswerStream stream, Duration time)
            throws ApiException, ClientGoneException, InterruptedException {
        Optional<AnswerEvent> event = stream.next(time);
        if (event.isPresent() && event.get() instanceof AnswerEvent.BrokenOff(AnswerEvent.Cause cause)) {
            throw AnswerLoop.brokenOff(cause);
        }
    }
}
