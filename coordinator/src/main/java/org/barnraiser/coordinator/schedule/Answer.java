package org.barnraiser.coordinator.schedule;

import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;

/** By which whoever asked for an answer stops it, sets it aside, and lets it go on. */
final class Answer implements Generation {
    private final Generations generations;
    private final OngoingGeneration generation;

    Answer(Generations generations, GenerationRequest request, GenerationLimits limits, GenerationListener listener) {
        this.generations = generations;
        this.generation = new OngoingGeneration(request, limits, listener, this::cancel);
    }

    OngoingGeneration generation() {
        return generation;
    }

    @Override
    public void cancel() {
        generations.cancel(generation);
    }

    @Override
    public boolean setAside() {
        return generations.setAside(generation);
    }

    @Override
    public void goOn() {
        generations.goOn(generation);
    }
}
