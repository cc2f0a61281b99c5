package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;

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

    /**
     * Guesses for a sequence that is to feed one token.
     *
     * @param readers that generate
     * @param inFlight steps in flight at most
     * @param room for guesses in the step
     */
    ImmutableIntArray guess(Sequence sequence, StepTimes times, int group, int readers, int inFlight, int room) {
        int most = Math.min(Math.min(room, sequence.usefulDrafts()), speculation.mostDrafts());
        int wanted = Math.max(Math.min(most, speculation.leastDrafts()),
                most > speculation.leastDrafts()
                        ? best(times, sequence.acceptance(), group, readers, inFlight, most)
                        : 0);
        ImmutableIntArray drafts = wanted <= 0 ? ImmutableIntArray.of() : drafter.draft(sequence, wanted);
        if (drafts.isEmpty()) {
            sequence.acceptance().fade();
        }
        return drafts;
    }

    private static int best(StepTimes times, Acceptance acceptance, int group, int readers, int inFlight, int most) {
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
            double rate = acceptance.expectedTokens(drafts)
                    * StepSizes.tokensPerMicro(times, group, 1 + drafts, readers, inFlight);
            if (rate > bestRate) {
                best = drafts;
                bestRate = rate;
            }
        }
        return best;
    }
}
