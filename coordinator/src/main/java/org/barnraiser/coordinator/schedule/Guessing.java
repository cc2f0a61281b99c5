package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.function.IntToDoubleFunction;

/** Decides for one step of a sequence how many tokens are guessed ahead, by what a longer step costs and what guesses have brought. */
final class Guessing {
    /** A smaller gain is not worth the noise. */
    private static final double WORTH_IT = 1.1;
    /** That are looked at. */
    private static final ImmutableIntArray COUNTS = ImmutableIntArray.of(1, 2, 3, 5, 7, 11, 15, 23, 31);

    private final Speculation speculation;
    private final Drafter drafter;

    Guessing(Speculation speculation, Drafter drafter) {
        this.speculation = speculation;
        this.drafter = drafter;
    }

    /** What is known of steps now, by which guesses are judged. */
    record Situation(StepTimes times, int group, int readers, int inFlight) {

        /**
         * The number of guesses that brings most.
         *
         * @param most guesses at most
         * @param pauseMicros how long it takes until so many are made
         */
        int best(Acceptance acceptance, int most, IntToDoubleFunction pauseMicros) {
            if (!times.hasSeen(group)) {
                return 0; // what a step costs without guesses has to be known first
            }
            int best = 0;
            double bestRate = WORTH_IT * StepSizes.tokensPerMicro(times, group, 1, readers, inFlight);
            for (int drafts : COUNTS.asList()) {
                if (drafts > most) {
                    break;
                }
                // Tokens per time when all readers guess alike.
                double rate = acceptance.expectedTokens(drafts) * StepSizes.tokensPerMicro(times, group, 1 + drafts,
                        readers, inFlight, pauseMicros.applyAsDouble(drafts));
                if (rate > bestRate) {
                    best = drafts;
                    bestRate = rate;
                }
            }
            return best;
        }
    }

    /**
     * Guesses for a sequence that is to feed one token: what a draft model has proposed, else what can be had at once.
     *
     * @param room for guesses in the step
     */
    ImmutableIntArray guess(Sequence sequence, Situation situation, int room) {
        ImmutableIntArray proposal = sequence.takeProposal();
        int most = most(sequence, room);
        if (!proposal.isEmpty() && most > 0) {
            return proposal.subArray(0, Math.min(most, proposal.length()));
        }
        int wanted = wanted(situation, sequence.acceptance(), most, _ -> 0);
        ImmutableIntArray drafts = wanted <= 0 ? ImmutableIntArray.of() : drafter.draft(sequence, wanted);
        if (drafts.isEmpty()) {
            sequence.acceptance().fade();
        }
        return drafts;
    }

    /**
     * How many guesses a sequence that could feed one token should wait for; 0 when that does not pay, or when those that can be had at once
     * are no worse.
     *
     * @param room for guesses in the step
     */
    int wantedOf(DraftModel model, Sequence sequence, Situation situation, int room) {
        Acceptance record = model.acceptance(sequence);
        int wanted = wanted(situation, record, most(sequence, room), model::micros);
        boolean lookUp = wanted > 0 && sequence.acceptance().probability() >= record.probability()
                && !drafter.draft(sequence, 1).isEmpty();
        return lookUp ? 0 : wanted;
    }

    private int most(Sequence sequence, int room) {
        return Math.min(Math.min(room, sequence.usefulDrafts()), speculation.mostDrafts());
    }

    private int wanted(Situation situation, Acceptance acceptance, int most, IntToDoubleFunction pauseMicros) {
        return Math.max(Math.min(most, speculation.leastDrafts()),
                most > speculation.leastDrafts() ? situation.best(acceptance, most, pauseMicros) : 0);
    }
}
