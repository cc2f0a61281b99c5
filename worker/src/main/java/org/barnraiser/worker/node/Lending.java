package org.barnraiser.worker.node;

import io.grpc.Status;
import io.grpc.StatusException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.LoadShardRequest.Extent;
import org.barnraiser.proto.Wish;
import org.barnraiser.worker.lend.LendingHours;

/**
 * What the owner of this machine wants of it now: what somebody has said and what the hours or the battery say, whichever takes the
 * machine further away. So a machine that was taken back stays so until somebody gives it again, and then its hours count as before.
 * Safe for use by several threads; never blocks.
 */
final class Lending {
    private final Optional<LendingHours> hours;
    private final BooleanSupplier mustRest;
    private final InstantSource clock;
    /** Guarded by this. */
    private State said = new State(Wish.WISH_LEND, "");

    /**
     * A wish and why.
     *
     * @param reason one sentence for people; may be empty
     */
    record State(Wish wish, String reason) {}

    /** @param mustRest whether the machine runs on a battery that is to be spared */
    Lending(Optional<LendingHours> hours, BooleanSupplier mustRest, InstantSource clock) {
        this.hours = hours;
        this.mustRest = mustRest;
        this.clock = clock;
    }

    /** Somebody says what they want. */
    synchronized void say(Wish wish, String reason) {
        said = new State(wish, reason);
    }

    /** Leaves, unless the owner wants even more. */
    synchronized void leave(String reason) {
        if (said.wish() != Wish.WISH_RECLAIM) {
            said = new State(Wish.WISH_LEAVE, reason);
        }
    }

    synchronized State now() {
        Optional<State> arranged = arranged();
        if (arranged.isEmpty()) {
            return said;
        }
        boolean saidMore = said.wish().getNumber() >= arranged.get().wish().getNumber()
                && said.wish() != Wish.WISH_LEND;
        return saidMore ? said : arranged.get();
    }

    private Optional<State> arranged() {
        return mustRest.getAsBoolean()
                ? Optional.of(new State(Wish.WISH_RECLAIM, "it runs on its battery"))
                : hours.map(lent -> new State(lent.wishAt(clock.instant()), "lent " + lent.text()));
    }

    /**
     * Refuses loads that the owner does not want: all while the machine is taken back; while it leaves, all but those that keep
     * a pipeline going which runs here.
     */
    void check(LoadShardRequest request, boolean pipelineRunsHere) throws StatusException {
        State state = now();
        boolean wanted = switch (state.wish()) {
            case WISH_LEAVE -> request.getExtent() == Extent.RUN && pipelineRunsHere;
            case WISH_RECLAIM -> false;
            case WISH_LEND, UNRECOGNIZED -> true;
        };
        if (!wanted) {
            String why = state.reason().isEmpty() ? "" : " (" + state.reason() + ")";
            throw Status.FAILED_PRECONDITION.withDescription(state.wish() == Wish.WISH_LEAVE
                    ? "This machine is leaving" + why + " and takes no more layers."
                    : "This machine is taken back by its owner" + why + ".").asException();
        }
    }
}
