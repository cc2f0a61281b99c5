package org.barnraiser.coordinator.lead;

import java.util.Optional;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.schedule.SequenceRunner;
import org.barnraiser.proto.LeaderState;

/** This coordinator, as the others may use it. From any thread; nothing blocks. */
public interface Leading {

    /** How the hosted model is; empty while it is not this coordinator that leads. */
    Optional<LeaderState> state();

    /**
     * What runs sequences now.
     *
     * @throws ModelUnavailableException when no pipeline is ready
     */
    SequenceRunner runner() throws ModelUnavailableException;
}
