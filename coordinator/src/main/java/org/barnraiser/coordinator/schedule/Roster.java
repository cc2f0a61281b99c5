package org.barnraiser.coordinator.schedule;

import com.google.common.base.Ticker;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;

/**
 * The answers that have not ended, in order of arrival, and how long those without a runner have waited. Guarded by the lock of its
 * {@link Generations}.
 */
final class Roster {
    private static final String ASIDE = "Somebody else's question goes first; this answer goes on in a moment.";

    private final Ticker ticker;
    private final Alarm alarm;
    private final Consumer<OngoingGeneration> onPatienceOver;
    private final SequencedSet<OngoingGeneration> ongoing = new LinkedHashSet<>();

    /** @param onPatienceOver called without the lock, and perhaps too late: {@link #isOutOfPatience} knows */
    Roster(Ticker ticker, Alarm alarm, Consumer<OngoingGeneration> onPatienceOver) {
        this.ticker = ticker;
        this.alarm = alarm;
        this.onPatienceOver = onPatienceOver;
    }

    void add(OngoingGeneration generation) {
        ongoing.add(generation);
    }

    int size() {
        return ongoing.size();
    }

    /** Those that no runner has. */
    int paused() {
        return Math.toIntExact(ongoing.stream().filter(OngoingGeneration::isPaused).count());
    }

    List<OngoingGeneration> all() {
        return List.copyOf(ongoing);
    }

    /** The one that the next runner with room should get. */
    Optional<OngoingGeneration> nextInLine() {
        return ongoing.stream().filter(OngoingGeneration::wantsRunner).findFirst();
    }

    /** From now on it waits for a runner, and its patience runs out. */
    void park(OngoingGeneration generation) {
        generation.startWaiting(ticker.read(), alarm, () -> onPatienceOver.accept(generation));
    }

    /** A runner has it, so its patience is saved. */
    void unpark(OngoingGeneration generation) {
        generation.stopWaiting(ticker.read());
    }

    boolean isOutOfPatience(OngoingGeneration generation) {
        return !generation.hasEnded() && generation.isOutOfPatience(ticker.read());
    }

    void finish(OngoingGeneration generation, GenerationEnd end) {
        unpark(generation);
        ongoing.remove(generation);
        generation.end(end);
    }

    /** Takes the answers of certain runners away from them; the caller cancels what is returned, without the lock. */
    List<Generation> takeFrom(Predicate<SequenceRunner> runners) {
        List<Generation> taken = new ArrayList<>();
        for (OngoingGeneration generation : ongoing) {
            Attempt attempt = generation.attempt();
            if (attempt != null && runners.test(attempt.runner())) {
                taken.add(attempt.handle());
                generation.leave();
                park(generation);
            }
        }
        return taken;
    }

    /**
     * Takes an answer away from its runner for as long as others go first; meanwhile its patience does not run out.
     *
     * @return what the caller cancels, without the lock; empty when there is nothing to take away
     */
    Optional<Generation> setAside(OngoingGeneration generation) {
        if (generation.hasEnded() || generation.isAside()) {
            return Optional.empty();
        }
        Attempt attempt = generation.attempt();
        generation.leave();
        generation.stand(true);
        unpark(generation);
        generation.tellPause(ASIDE);
        return Optional.of(attempt == null ? () -> {} : attempt.handle());
    }

    /** The others are through; false when nothing was set aside. */
    boolean goOn(OngoingGeneration generation) {
        boolean wasAside = generation.isAside() && !generation.hasEnded();
        generation.stand(false);
        return wasAside;
    }

    /** Tells those without a runner why. */
    void tellPaused(String reason) {
        ongoing.stream().filter(OngoingGeneration::isPaused).forEach(generation -> generation.tellPause(reason));
    }

    void endRests() {
        ongoing.forEach(generation -> generation.rest(false));
    }
}
