package org.barnraiser.worker.stage;

import org.barnraiser.proto.SamplingParameters;

/** What uses a slot at the tail. */
sealed interface SlotSequence {
    /** Nothing has begun. */
    record None() implements SlotSequence {}

    /** A sequence whose tokens are sampled so. */
    record Sampling(SamplingParameters parameters, SlotSampler sampler) implements SlotSequence {}

    /** A sequence that is read for its pooled hidden states. */
    record Pooling(PooledStates states) implements SlotSequence {}

    /** A sequence whose parameters cannot be used. */
    record Refused(String reason) implements SlotSequence {}
}
