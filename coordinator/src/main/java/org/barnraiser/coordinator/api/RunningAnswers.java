package org.barnraiser.coordinator.api;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The requests that are being answered, so that closing the server can wait for them and then end them. */
final class RunningAnswers {
    private final Set<AnswerStream> streams = new HashSet<>();
    private boolean closing;

    /** Takes a request in, unless the server is closing. */
    synchronized void add(AnswerStream stream) throws ApiException {
        if (closing) {
            throw new ApiException(ApiError.shuttingDown());
        }
        streams.add(stream);
    }

    synchronized void remove(AnswerStream stream) {
        streams.remove(stream);
        notifyAll();
    }

    /** Takes no more requests in. */
    synchronized void beginClosing() {
        closing = true;
    }

    synchronized boolean isClosing() {
        return closing;
    }

    /** Waits until no request is being answered, but no longer than this. */
    synchronized void awaitNone(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        for (long left = timeout.toNanos(); !streams.isEmpty() && left > 0; left = deadline - System.nanoTime()) {
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
    }

    /** Ends every request with an error. */
    void breakOff() {
        List<AnswerStream> running;
        synchronized (this) {
            running = List.copyOf(streams);
        }
        running.forEach(stream -> stream.breakOff(AnswerEvent.Cause.SHUTTING_DOWN));
    }
}
