package org.barnraiser.coordinator.api;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.proto.SampledToken;
import org.jspecify.annotations.Nullable;

/**
 * The generations of one request, and the queue between the scheduler, which must never wait, and the thread that answers
 * the client. Whoever breaks it off, its generations are cancelled at once and not when that thread comes to it.
 */
final class AnswerStream implements AutoCloseable {
    private final BlockingQueue<AnswerEvent> events;
    private final Semaphore freeTokenPlaces;
    private final Runnable onClientTooSlow;
    private final ApiMetrics metrics;
    private final long arrivalNanos = System.nanoTime();
    private final @Nullable Generation[] generations;
    /** Why a choice waits for machines; null while it does not. */
    private final AtomicReferenceArray<@Nullable String> pauses;
    private final AtomicInteger generated = new AtomicInteger();
    /** What each choice is generated from; of the thread that answers the client. */
    private final List<GenerationRequest> requests = new ArrayList<>();
    private volatile Runnable onMachines = () -> {};
    private volatile boolean cancelled;
    private volatile int reusedTokens;
    private final AtomicInteger guesses = new AtomicInteger();
    private final AtomicInteger rightGuesses = new AtomicInteger();
    /** Guarded by {@code generations}, as they are. */
    private boolean brokenOff;

    /**
     * @param maxQueuedTokens tokens that may wait for the client
     * @param onClientTooSlow called on the scheduler's thread when there is one more: must not block
     */
    AnswerStream(int choices, int maxQueuedTokens, Runnable onClientTooSlow, ApiMetrics metrics) {
        // Beside the tokens there is always room for every choice's end, and for one breaking off.
        this.events = new ArrayBlockingQueue<>(maxQueuedTokens + choices + 1);
        this.freeTokenPlaces = new Semaphore(maxQueuedTokens);
        this.onClientTooSlow = onClientTooSlow;
        this.metrics = metrics;
        this.generations = new @Nullable Generation[choices];
        this.pauses = new AtomicReferenceArray<>(choices);
    }

    /** Hears one choice's generation. */
    GenerationListener listener(int choice) {
        return new ChoiceListener(choice);
    }

    /** Notes what the next choice is generated from. */
    void asked(GenerationRequest request) {
        requests.add(request);
    }

    /** What each choice is generated from, in order. */
    List<GenerationRequest> requests() {
        return List.copyOf(requests);
    }

    /** Runs this, which must not block, whenever machines begin to answer a choice, or others go on with it; to be set before the first. */
    void onMachines(Runnable listener) {
        onMachines = listener;
    }

    /** Takes over a generation that was started with {@link #listener}. */
    void started(int choice, Generation generation) {
        boolean tooLate;
        synchronized (generations) {
            generations[choice] = generation;
            tooLate = cancelled;
        }
        if (tooLate) {
            generation.cancel();
        }
    }

    /** The next event; none if there is none within this time. */
    Optional<AnswerEvent> next(Duration timeout) throws InterruptedException {
        AnswerEvent event = events.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
        if (event instanceof AnswerEvent.Token) {
            freeTokenPlaces.release();
        }
        return Optional.ofNullable(event);
    }

    /** Why answers wait for machines, if any does. */
    Optional<String> pause() {
        return IntStream.range(0, pauses.length()).mapToObj(choice -> Optional.ofNullable(pauses.get(choice)))
                .flatMap(Optional::stream).findFirst();
    }

    /** Tokens that were generated up to now, all choices together. */
    int tokens() {
        return generated.get();
    }

    /** Tokens of the prompt that were not computed for the first choice; the others follow it. */
    int reusedTokens() {
        return reusedTokens;
    }

    /** Tokens that were guessed ahead, all choices together. */
    int guesses() {
        return guesses.get();
    }

    /** Those of them that were right. */
    int rightGuesses() {
        return rightGuesses.get();
    }

    /** Ends one choice that needs no more tokens. */
    void cancel(int choice) {
        Generation generation;
        synchronized (generations) {
            generation = generations[choice];
        }
        if (generation != null) {
            generation.cancel();
        }
    }

    /** Ends all choices because of something outside; callable from any thread. */
    void breakOff(AnswerEvent.Cause cause) {
        synchronized (generations) {
            if (brokenOff) {
                return;
            }
            brokenOff = true;
        }
        // First the event, so that the ends which cancelling causes come after it.
        events.add(new AnswerEvent.BrokenOff(cause));
        close();
    }

    /** Frees every slot that is still in use. */
    @Override
    public void close() {
        synchronized (generations) {
            cancelled = true;
        }
        for (int choice = 0; choice < generations.length; choice++) {
            cancel(choice);
        }
    }

    /** Called by the scheduler: measures and queues, nothing more. */
    private final class ChoiceListener implements GenerationListener {
        private final int choice;
        private boolean first = true;
        private long lastTokenNanos;

        ChoiceListener(int choice) {
            this.choice = choice;
        }

        @Override
        public void onGuessed(int guessed, int right) {
            guesses.addAndGet(guessed);
            rightGuesses.addAndGet(right);
        }

        @Override
        public void onPromptReused(int tokens) {
            metrics.promptReused(tokens);
            if (choice == 0) {
                reusedTokens = tokens;
            }
        }

        @Override
        public void onToken(SampledToken token) {
            if (cancelled) {
                return;
            }
            if (token.getEmbeddingCount() == 0) {
                measure();
            }
            if (freeTokenPlaces.tryAcquire()) {
                events.add(new AnswerEvent.Token(choice, token));
            } else {
                onClientTooSlow.run();
                breakOff(AnswerEvent.Cause.CLIENT_TOO_SLOW);
            }
        }

        private void measure() {
            long now = System.nanoTime();
            generated.incrementAndGet();
            metrics.tokenGenerated();
            if (first) {
                onMachines.run();
                metrics.firstTokenAfter(now - arrivalNanos);
                first = false;
            } else {
                metrics.nextTokenAfter(now - lastTokenNanos);
            }
            lastTokenNanos = now;
        }

        @Override
        public void onPause(String reason) {
            pauses.set(choice, reason);
        }

        @Override
        public void onResume() {
            pauses.set(choice, null);
            onMachines.run();
        }

        @Override
        public void onEnd(GenerationEnd end) {
            metrics.sequenceEnded();
            pauses.set(choice, null);
            events.add(new AnswerEvent.End(choice, end));
        }
    }
}
