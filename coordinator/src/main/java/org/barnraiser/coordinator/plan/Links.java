package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableMap;

/**
 * The ways between machines.
 *
 * @param known by the machines at their ends
 * @param usual for all others, and for those from and to the coordinator
 */
public record Links(ImmutableMap<Hop, Link> known, Link usual) {
    /** Nothing is known. */
    public static final Links USUAL = new Links(ImmutableMap.of(), Link.USUAL);

    /** The way from one machine to another. */
    public Link between(MachineOffer from, MachineOffer to) {
        return known.isEmpty()
                ? usual
                : known.getOrDefault(new Hop(from.incarnationId(), to.incarnationId()), usual);
    }
}
