package org.barnraiser.coordinator.model;

import org.barnraiser.proto.SampledToken;

/** Hears of one generation. Called from the scheduler's own thread: must not block and must not throw. */
public interface GenerationListener {

    /** A token was sampled. The end-of-generation token itself is not reported. */
    void onToken(SampledToken token);

    /** Nothing comes after this. */
    void onEnd(GenerationEnd end);
}
