package org.barnraiser.coordinator.account;

import java.util.Optional;

/**
 * What is known of a request before it is let in.
 *
 * @param secret the key that came with it
 * @param from where it came from
 */
public record Visit(Optional<KeySecret> secret, From from) {

    /** Where a request comes from, as far as that can be told. */
    public enum From {
        /** A program on this machine, without a proxy in between. */
        PROGRAM_HERE,
        /** One of our own pages in a browser on this machine. */
        PAGE_HERE,
        /** A page of somebody else's in a browser on this machine: it must not speak for the one who looks at it. */
        FOREIGN_PAGE_HERE,
        /** Another machine, or a proxy, behind which anybody may be. */
        ELSEWHERE
    }
}
