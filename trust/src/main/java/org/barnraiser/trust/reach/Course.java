package org.barnraiser.trust.reach;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How one connection gets to its member. Thread-safe. */
final class Course {
    private final Whereabouts member;
    /** Set when the connection begins to be made, and again when it was idle meanwhile. */
    private volatile @Nullable Doorway doorway;

    /** @param member who waits on a line */
    Course(Whereabouts member) {
        this.member = member;
    }

    Whereabouts member() {
        return member;
    }

    String line() {
        return member.line().orElseThrow();
    }

    boolean isTo(String line) {
        return line().equals(line);
    }

    Doorway open(Approach approach) throws IOException {
        Doorway opened = Doorway.open(line(), approach);
        doorway = opened;
        return opened;
    }

    /** The way behind the doorway; empty when the connection does without, or is none. */
    Optional<Way> behindDoor() {
        return Optional.ofNullable(doorway).flatMap(Doorway::way);
    }
}
