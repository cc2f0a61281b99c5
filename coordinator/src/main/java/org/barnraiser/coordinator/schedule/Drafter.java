package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;

/** Guesses how a sequence goes on. Called from the driver's thread for every step of a sequence, so it takes microseconds. */
@FunctionalInterface
interface Drafter {

    /** At most so many tokens, in order; none when there is nothing to guess from. */
    ImmutableIntArray draft(Sequence sequence, int most);
}
