package org.barnraiser.coordinator.fit;

import org.barnraiser.coordinator.plan.Aim;

/**
 * What a plan is to be good for.
 *
 * @param aim what it is made for
 * @param readers how many readers are meant by many
 * @param slots answers at the same time
 * @param everyMachine whether every machine is to have a part
 */
public record Wanted(Aim aim, int readers, int slots, boolean everyMachine) {
    private static final int USUAL_READERS = 8;
    private static final int USUAL_SLOTS = 4;

    /** What the page asks for: a part for each machine. */
    public static final Wanted BY_THE_PAGE = new Wanted(Aim.ONE_READER, USUAL_READERS, USUAL_SLOTS, true);
}
