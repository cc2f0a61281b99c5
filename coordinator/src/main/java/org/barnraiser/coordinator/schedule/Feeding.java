package org.barnraiser.coordinator.schedule;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

import static java.util.function.Predicate.not;

/**
 * Decides which tokens go into the next step. First those of ready sequences, longest ready first, in groups of a size that suits the
 * stages, so that no more groups are under way than the readers make: those that wait meet in a step again. Then, as far as those who read
 * along are not held up for long, prompts in order of admission. All that goes into one step is computed with the same adapters: the first
 * one decides, and a prompt with others has a step of its own once everybody had a token.
 *
 * <p>Prompts of those who are to be read first go before other prompts. As long as nobody reads along but who can wait, they also have steps of
 * their own: a key that floods fills slots, but it does not hold up the first word to anybody else.
 */
/*
 * Trying. What is not measured cannot be chosen, and what was measured once may have changed. So now and then the readers go in groups of
 * another size, for as long as it takes to send one full group: soon for sizes that were never seen, seldom for others.
 */
final class Feeding {
    private static final int ROUNDS_TO_NEW_SIZE = 8;
    private static final int ROUNDS_TO_OLD_SIZE = 128;

    private final DriverLimits limits;
    private final StepTimes times;
    private final Guessing guessing;
    private final SequencedSet<Sequence> prefilling = new LinkedHashSet<>();
    private final SequencedSet<Sequence> ready = new LinkedHashSet<>();
    /** Tokens of ready sequences since a step last took prompts. */
    private int fedSincePrompts;
    /** Tokens of ready sequences since the oldest prompt could go with them, as far as it has other adapters. */
    private int passedOver;
    /** Tokens of prompts that were read first since the last round of the readers. */
    private int pressed;
    private int fedSincePressed;
    private int fedSinceTrial;
    /** Group sizes, in the order in which they were tried last. */
    private final List<Integer> tried = new ArrayList<>();
    /** The group size that is being tried; 0 for none. */
    private int trial;
    private int fedInTrial;
    /** That generate, as of the last step. */
    private int readers = 1;
    private @Nullable DraftModel draftModel;

    Feeding(DriverLimits limits, StepTimes times, Drafter drafter) {
        this.limits = limits;
        this.times = times;
        guessing = new Guessing(limits.speculation(), drafter);
    }

    /** All its tokens are to be fed. */
    void begin(Sequence sequence) {
        ready.remove(sequence);
        if (draftModel != null) {
            draftModel.leave(sequence);
        }
        prefilling.add(sequence);
    }

    /** Its next token is known; when it asks the draft model how it goes on, it is ready once that is told. */
    void resume(Sequence sequence) {
        if (draftModel == null || !asks(sequence, draftModel)) {
            ready.add(sequence);
        }
    }

    private boolean asks(Sequence sequence, DraftModel model) {
        if (sequence.isPooled()) {
            return false;
        }
        int generating = Math.max(1, readers);
        int room = prefilling.isEmpty() ? limits.maxStepTokens() - generating : 0;
        int group = StepSizes.choose(times, generating, limits).group();
        int wanted = guessing.wantedOf(model, sequence, situation(group, generating), room);
        if (wanted <= 0) {
            model.fade(sequence);
        }
        return wanted > 0 && model.ask(sequence, wanted);
    }

    /** From now on this model is asked for guesses; null: none is. Who waits for the former one goes on. */
    void ask(@Nullable DraftModel model) {
        if (draftModel != null) {
            goOn(draftModel.giveUp());
        }
        draftModel = model;
    }

    /** These have waited for guesses. */
    void goOn(List<Sequence> waited) {
        ready.addAll(waited);
    }

    void remove(Sequence sequence) {
        ready.remove(sequence);
        prefilling.remove(sequence);
        if (draftModel != null) {
            draftModel.release(sequence);
        }
    }

    private Guessing.Situation situation(int group, int generating) {
        return new Guessing.Situation(times, group, generating, limits.maxStepsInFlight());
    }

    int prefilling() {
        return prefilling.size();
    }

    /**
     * Fills a step.
     *
     * @param running have a slot
     * @param inFlight steps that are not answered yet
     * @param begins whether a sequence that was never fed may be fed in this step; called once for each
     */
    void fill(StepBuilder step, Collection<Sequence> running, Collection<SentStep> inFlight,
            Predicate<Sequence> begins) {
        readers = running.size() - prefilling.size();
        List<Sequence> first = prefilling.stream().filter(Sequence::isReadFirst).toList();
        if (!first.isEmpty() && canWait(running) && pressed < limits.maxStepTokens()) {
            pressed += feedPrompts(step, chunk(first), first, begins);
            fedSincePressed = 0;
            if (step.hasSpans()) {
                return;
            }
        }
        List<Sequence> prompts = Stream.concat(first.stream(), prefilling.stream().filter(not(Sequence::isReadFirst)))
                .toList();
        if (readers == 0) {
            pressed = 0;
            if (prompts.isEmpty()) {
                return;
            }
            int chunk = chunk(prompts);
            // Who asks alone holds nobody up.
            boolean spare = running.size() == 1 || prompts.getFirst().isReadFirst();
            if (inFlight.size() < StepSizes.chunksInFlight(times, chunk, spare, limits)) {
                feedPrompts(step, chunk, prompts, begins);
            }
            return;
        }
        StepSizes sizes = sizes();
        boolean waitedLong = passedOver >= readers;
        if (waitedLong || (sizes.promptsApart() && fedSincePrompts >= readers)) {
            passedOver = waitedLong ? 0 : passedOver;
            feedPrompts(step, sizes.promptTokens(), prompts, begins);
            if (step.hasSpans()) {
                return;
            }
        }
        boolean hasRoom = ready.isEmpty() || inFlight.stream()
                .filter(sent -> sent.samples() && sent.isFor(ready.getFirst())).count() < sizes.groups();
        int fed = hasRoom ? feedReady(step, sizes) : 0;
        if (!sizes.promptsApart() && (fed > 0 || times.isEmpty())) {
            feedPrompts(step, sizes.promptTokens(), prompts, begins);
        }
    }

    /** Whether some have slots who can wait, and everybody who reads along is one of them. */
    private boolean canWait(Collection<Sequence> running) {
        return running.stream().filter(sequence -> !prefilling.contains(sequence)).noneMatch(Sequence::isReadFirst)
                && running.stream().anyMatch(not(Sequence::isReadFirst));
    }

    /** Tokens of these prompts that go into a step of their own. */
    private int chunk(List<Sequence> prompts) {
        long wanted = prompts.stream().mapToLong(Sequence::unplannedTokens).sum();
        return StepSizes.chunk(times, (int) Math.min(wanted, limits.maxStepTokens()), limits);
    }

    private StepSizes sizes() {
        StepSizes sizes = StepSizes.choose(times, readers, limits);
        if (trial == 0 && readers > 1 && !times.isEmpty()) {
            int candidate = candidate(Math.min(readers, sizes.group()));
            if (fedSinceTrial >= readers * (times.hasSeen(candidate) ? ROUNDS_TO_OLD_SIZE : ROUNDS_TO_NEW_SIZE)) {
                tried.removeIf(size -> size == candidate);
                tried.add(candidate);
                fedSinceTrial = 0;
                trial = candidate;
                fedInTrial = 0;
            }
        }
        return trial == 0 ? sizes : sizes.tried(Math.min(trial, readers), readers, limits.maxStepsInFlight());
    }

    /** Of 1, 2, 4 and so on, and all readers together, but for what they have now: the size that was tried the longest ago. */
    private int candidate(int group) {
        return IntStream.concat(IntStream.iterate(1, size -> size < readers, size -> 2 * size), IntStream.of(readers))
                .filter(size -> size != group).boxed().min(Comparator.comparingInt(tried::indexOf)).orElseThrow();
    }

    private int feedReady(StepBuilder step, StepSizes sizes) {
        int count = Math.min(sizes.group(), ready.size());
        int fed = 0;
        for (Sequence sequence : List.copyOf(ready)) {
            int left = count - fed;
            if (left == 0) {
                break;
            }
            if (!step.takes(sequence)) {
                continue;
            }
            ready.remove(sequence);
            fed++;
            // Prompts need the room more, and whoever comes after this one needs a token of it.
            int room = prefilling.isEmpty() ? step.room() - left : 0;
            step.feed(sequence, guessing.guess(sequence, situation(sizes.group(), readers), room));
        }
        fedSincePrompts = Math.min(fedSincePrompts + fed, 2 * readers);
        fedSinceTrial += fed;
        fedInTrial += fed;
        fedSincePressed += fed;
        if (fedSincePressed >= readers) {
            pressed = 0;
        }
        if (fed > 0 && !prefilling.isEmpty() && !step.takes(prefilling.getFirst())) {
            passedOver += fed;
        }
        if (trial > 0 && (fed >= trial || fedInTrial >= 2 * readers)) {
            trial = 0;
        }
        return fed;
    }

    /** Says how many tokens they are. */
    private int feedPrompts(StepBuilder step, int budget, List<Sequence> prompts, Predicate<Sequence> begins) {
        int before = step.room();
        int most = Math.min(budget, before);
        for (Sequence sequence : prompts) {
            int left = most - (before - step.room());
            if (left > 0 && step.takes(sequence) && (sequence.hasBegun() || begins.test(sequence))) {
                step.feed(sequence, left);
                fedSincePrompts = 0;
            }
            if (sequence.unplannedTokens() == 0) {
                prefilling.remove(sequence);
            }
        }
        return before - step.room();
    }
}
