package org.barnraiser.coordinator.schedule;

import com.google.common.base.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.SampledToken;
import org.jspecify.annotations.Nullable;

/**
 * The answers that this coordinator is giving, across the runners that come and go. An answer whose runner is lost goes on from its tokens
 * with another one, and is paused until there is one: its listener hears every token once, in order. An answer that has waited
 * for all its patience ends with a failure that may be tried again.
 *
 * <p>All methods may be called from any thread, and none blocks. Listeners are called from whatever thread has news, one call at a time
 * for each answer, and may call back.
 */
/*
 * One lock guards all state, and nothing foreign is called while it is held: neither listeners nor runners,
 * but for their load. What listeners are to
 * hear is posted to outboxes under the lock and delivered after it. Each run of an answer on a runner is an Attempt; an answer
 * knows its present one, and news of any other is void. So tokens of an old runner that come late, or twice, change nothing.
 *
 * Only one thread at a time hands answers to the runner, in order of arrival (submitWaiting()); whoever finds it at work leaves it
 * the rest. So those that were running go before those that came later, whoever attaches and starts meanwhile.
 */
public final class Generations implements AutoCloseable {
    /** Runners, one after the other, on which an answer may be lost without a token in between: it may be what breaks them. */
    static final int MAX_RUNNERS_IN_VAIN = 8;
    /** How long an answer rests that the same runner gave back twice; doubled each time up to 16 times as long. */
    private static final Duration REST = Duration.ofMillis(100);
    /** A runner that takes no more is asked again after this, or when it is known to have room. */
    private static final Duration FULL = Duration.ofMillis(250);
    private static final String STOPPING = "The coordinator is stopping.";
    private static final String CATCHING_UP = "Other machines have taken over and are reading up to here.";

    private final GenerationLimits limits;
    private final Alarm alarm;
    private final Object lock = new Object();

    private final Roster ongoing;
    private final Runners runners = new Runners();
    /** Why there is no runner, one sentence. */
    private String reason = "No machines have been found yet.";
    private boolean submitting;
    private boolean attachedBefore;
    private boolean closed;
    private long generatedTokens;
    private long takeovers;

    public Generations(GenerationLimits limits) {
        this(limits, Ticker.systemTicker(), Alarm.start("patience"));
    }

    Generations(GenerationLimits limits, Ticker ticker, Alarm alarm) {
        this.limits = limits;
        this.alarm = alarm;
        ongoing = new Roster(ticker, alarm, this::onPatienceOver);
    }

    /**
     * Starts an answer; without a runner it begins paused.
     *
     * @throws PromptTooLongException when the context has no room for an answer
     * @throws ModelUnavailableException when too many are here already, or all is closed
     */
    public Generation start(GenerationRequest request, GenerationListener listener) throws ModelUnavailableException {
        PromptTooLongException.check(request.promptTokens().length(), limits.contextTokens());
        var handle = new Answer(this, request, limits, listener);
        synchronized (lock) {
            if (closed) {
                throw new ModelUnavailableException(STOPPING, Driver.RETRY_AFTER_SECONDS);
            }
            if (ongoing.size() >= limits.maxGenerations()) {
                throw Driver.queueFull();
            }
            ongoing.add(handle.generation());
            if (runners.isEmpty()) {
                ongoing.park(handle.generation());
                handle.generation().tellPause(reason);
            }
        }
        submitWaiting();
        handle.generation().deliver();
        return handle;
    }

    /** From now on this runner gets all answers: those that are paused, and those that another one has. */
    public void attach(SequenceRunner successor) {
        List<Generation> taken;
        synchronized (lock) {
            if (closed) {
                return;
            }
            runners.clear();
            add(successor, 0);
            taken = ongoing.takeFrom(other -> !other.equals(successor));
        }
        taken.forEach(Generation::cancel);
        submitWaiting();
        deliverAll();
    }

    /**
     * From now on this runner gets answers too: those that are paused, and its part of those that come.
     *
     * @param tokensPerSecond for many answers together; 0 when nobody knows
     */
    public void join(SequenceRunner further, double tokensPerSecond) {
        synchronized (lock) {
            if (closed) {
                return;
            }
            add(further, tokensPerSecond);
        }
        submitWaiting();
        deliverAll();
    }

    private void add(SequenceRunner added, double tokensPerSecond) {
        takeovers += attachedBefore ? 1 : 0;
        attachedBefore = true;
        runners.add(added, tokensPerSecond);
        ongoing.endRests();
    }

    /**
     * Takes all answers away from a runner; without another one they are paused. Only the reason is taken note of when that runner has ended
     * before. Nothing happens when others are attached and it is not.
     *
     * @param why one sentence in plain words
     */
    public void detach(SequenceRunner former, String why) {
        List<Generation> taken;
        synchronized (lock) {
            if (!runners.isEmpty() && !runners.contains(former)) {
                return;
            }
            taken = ongoing.takeFrom(former::equals);
            lose(former, why);
        }
        taken.forEach(Generation::cancel);
        submitWaiting();
        deliverAll();
    }

    /** Whether anybody gets answers at present. */
    public boolean hasRunner() {
        synchronized (lock) {
            return !runners.isEmpty();
        }
    }

    /** The runner that a sequence from elsewhere is best given to; empty when there is none. */
    public Optional<SequenceRunner> runnerFor(ResumableSequence sequence) {
        synchronized (lock) {
            return runners.choose(sequence.tokens());
        }
    }

    /** Tells those who are paused how things are now; nothing happens while there is a runner. */
    public void explain(String why) {
        synchronized (lock) {
            if (runners.isEmpty()) {
                loseAll(why);
            }
        }
        deliverAll();
    }

    public GenerationStatistics statistics() {
        synchronized (lock) {
            int paused = ongoing.paused();
            return new GenerationStatistics(ongoing.size() - paused, paused, generatedTokens, takeovers);
        }
    }

    /** Ends every answer; nothing is taken in any more. */
    @Override
    public void close() {
        List<Generation> taken;
        List<OngoingGeneration> last;
        synchronized (lock) {
            closed = true;
            runners.clear();
            taken = ongoing.takeFrom(_ -> true);
            last = ongoing.all();
            last.forEach(generation -> ongoing.finish(generation, new GenerationEnd.Failed(STOPPING, true)));
        }
        alarm.close();
        taken.forEach(Generation::cancel);
        last.forEach(OngoingGeneration::deliver);
    }

    void cancel(OngoingGeneration generation) {
        Generation running = () -> {};
        synchronized (lock) {
            if (generation.hasEnded()) {
                return;
            }
            Attempt attempt = generation.attempt();
            if (attempt != null) {
                running = attempt.handle();
            }
            ongoing.finish(generation, new GenerationEnd.Cancelled());
        }
        running.cancel();
        generation.deliver();
    }

    boolean setAside(OngoingGeneration generation) {
        Optional<Generation> taken;
        synchronized (lock) {
            taken = ongoing.setAside(generation);
        }
        taken.filter(handle -> !handle.setAside()).ifPresent(Generation::cancel);
        generation.deliver();
        return taken.isPresent();
    }

    void goOn(OngoingGeneration generation) {
        synchronized (lock) {
            if (ongoing.goOn(generation) && runners.isEmpty()) {
                ongoing.park(generation);
                generation.tellPause(reason);
            }
        }
        submitWaiting();
        generation.deliver();
    }

    /** Hands what waits to the runners, for as long as they take it. */
    private void submitWaiting() {
        synchronized (lock) {
            if (submitting) {
                return;
            }
            submitting = true;
        }
        for (Attempt next = nextAttempt(); next != null; next = nextAttempt()) {
            submit(next);
        }
    }

    private @Nullable Attempt nextAttempt() {
        synchronized (lock) {
            Optional<Attempt> next = ongoing.nextInLine().flatMap(generation -> runners.choose(generation.tokens())
                    .map(chosen -> Attempt.begin(this, generation, chosen)));
            submitting = next.isPresent();
            return next.orElse(null);
        }
    }

    private void submit(Attempt attempt) {
        try {
            onAccepted(attempt, attempt.runner().run(attempt.sequence(), attempt));
        } catch (ModelUnavailableException e) {
            onRefused(attempt, e);
        } catch (PromptTooLongException e) {
            onEnd(attempt, new GenerationEnd.Failed(String.valueOf(e.getMessage()), false));
        } catch (RuntimeException e) {
            Submission.logWithoutText(e);
            onEnd(attempt, new GenerationEnd.Failed("The scheduler failed to go on with this answer.", false));
        }
    }

    private void onAccepted(Attempt attempt, Generation handle) {
        OngoingGeneration generation = attempt.generation();
        boolean current;
        synchronized (lock) {
            attempt.keep(handle);
            current = attempt.isCurrent();
            if (current) {
                ongoing.unpark(generation);
                if (generation.isToldPaused()) {
                    generation.tellPause(CATCHING_UP);
                }
            }
        }
        if (!current) {
            // It was cancelled, taken away or over in the meantime.
            handle.cancel();
        }
        generation.deliver();
    }

    private void onRefused(Attempt attempt, ModelUnavailableException refusal) {
        synchronized (lock) {
            if (attempt.isCurrent()) {
                attempt.generation().leave();
                ongoing.park(attempt.generation());
            }
            if (runners.isEmpty()) {
                loseAll(reason);
            } else if (!runners.contains(attempt.runner())) {
                // The next one is asked right away.
                return;
            } else if (refusal.isQueueFull()) {
                runners.onFull(attempt.runner());
                var _ = alarm.ring(FULL, this::onRoom);
            } else {
                lose(attempt.runner(), Objects.requireNonNullElse(refusal.getMessage(), reason));
            }
        }
        deliverAll();
    }

    private void onRoom() {
        synchronized (lock) {
            runners.onRoom();
        }
        submitWaiting();
    }

    /** What there is to say about an answer beside its tokens; void when the attempt is. */
    void onRemark(Attempt attempt, Consumer<OngoingGeneration> remark) {
        synchronized (lock) {
            if (attempt.isCurrent()) {
                remark.accept(attempt.generation());
            }
        }
        attempt.generation().deliver();
    }

    void onToken(Attempt attempt, SampledToken token, float mirostatMu) {
        OngoingGeneration generation = attempt.generation();
        boolean misplaced;
        synchronized (lock) {
            if (!attempt.isCurrent()) {
                return;
            }
            misplaced = token.getPosition() != generation.length();
            if (!misplaced) {
                hear(attempt, token, mirostatMu);
            }
        }
        if (misplaced) {
            // Better once more than a token lost or told twice.
            onInterrupted(attempt, "The machines lost their place in the answer.");
            attempt.handle().cancel();
        }
        generation.deliver();
    }

    private void hear(Attempt attempt, SampledToken token, float mirostatMu) {
        OngoingGeneration generation = attempt.generation();
        ongoing.unpark(generation);
        attempt.progress();
        generatedTokens++;
        generation.hear(token, mirostatMu);
        if (generation.hasReachedLimit()) {
            // The runner is about to say so; should it be lost first, nothing is left to go on with.
            ongoing.finish(generation, new GenerationEnd.Length());
        }
    }

    void onEnd(Attempt attempt, GenerationEnd end) {
        synchronized (lock) {
            if (attempt.isCurrent()) {
                ongoing.finish(attempt.generation(), end);
            }
        }
        attempt.generation().deliver();
        onRoom();
    }

    void onInterrupted(Attempt attempt, String why) {
        synchronized (lock) {
            if (attempt.isCurrent()) {
                giveBack(attempt, why);
            }
        }
        onRoom();
        attempt.generation().deliver();
    }

    private void giveBack(Attempt attempt, String why) {
        OngoingGeneration generation = attempt.generation();
        generation.fail(attempt);
        if (!attempt.hasProgressed() && attempt.runnersInVain() >= MAX_RUNNERS_IN_VAIN) {
            ongoing.finish(generation, new GenerationEnd.Failed(
                    "The answer was given up after " + attempt.runnersInVain() + " attempts: " + why, false));
            return;
        }
        ongoing.park(generation);
        if (!runners.contains(attempt.runner())) {
            generation.tellPause(runners.isEmpty() ? reason : why);
        } else if (!attempt.hasProgressed() && attempt.retries() > 0) {
            // A runner that lasts but gives back at once what it takes must not be asked in a tight loop.
            generation.tellPause(why);
            generation.rest(true);
            var _ = alarm.ring(REST.multipliedBy(1L << Math.min(attempt.retries(), 4)), () -> {
                synchronized (lock) {
                    generation.rest(false);
                }
                submitWaiting();
            });
        }
    }

    private void lose(SequenceRunner former, String why) {
        runners.remove(former);
        if (runners.isEmpty()) {
            loseAll(why);
        }
    }

    private void loseAll(String why) {
        reason = why;
        ongoing.tellPaused(why);
    }

    private void onPatienceOver(OngoingGeneration generation) {
        synchronized (lock) {
            if (!ongoing.isOutOfPatience(generation)) {
                return;
            }
            String why = runners.isEmpty() ? reason : "The machines have too much to do.";
            ongoing.finish(generation, new GenerationEnd.Failed(
                    why + " Nothing changed within " + limits.patience().toSeconds() + " s; ask again later.", true));
        }
        generation.deliver();
    }

    private void deliverAll() {
        List<OngoingGeneration> all;
        synchronized (lock) {
            all = ongoing.all();
        }
        all.forEach(OngoingGeneration::deliver);
    }
}
