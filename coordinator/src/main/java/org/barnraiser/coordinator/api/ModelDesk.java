package org.barnraiser.coordinator.api;

import java.time.Duration;
import org.barnraiser.coordinator.fair.FairLimits;
import org.barnraiser.coordinator.fair.FairQueue;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.Readiness;

/** What stands before one hosted model: where requests wait for its machines, and whose turn it is. For any thread. */
final class ModelDesk {
    /** As long as nobody says how many slots there are, the model's own queue does the waiting. */
    private static final int UNKNOWN_SLOTS = 1_000;
    private static final Readiness STOPPING = new Readiness.NotReady("This server is stopping.", 5);

    private final HostedModel model;
    private final WaitingRoom waitingRoom;
    private final RunningAnswers running;
    private volatile FairQueue turns;

    ModelDesk(HostedModel model, Duration patience, RunningAnswers running) {
        this.model = model;
        this.running = running;
        waitingRoom = new WaitingRoom(model, patience);
        turns = new FairQueue(FairLimits.of(UNKNOWN_SLOTS), model::generate, model::pipelines);
    }

    /** Lets so many answers to each of the model's pipelines at the same time; before the first one. */
    void setSlots(int slots) {
        turns = new FairQueue(FairLimits.of(slots), model::generate, model::pipelines);
    }

    HostedModel model() {
        return model;
    }

    WaitingRoom waitingRoom() {
        return waitingRoom;
    }

    FairQueue turns() {
        return turns;
    }

    /** Whether it answers: a server that stops is not ready from that moment on, though the model behind it may be. Never blocks. */
    Readiness readiness() {
        return running.isClosing() ? STOPPING : model.readiness();
    }
}
