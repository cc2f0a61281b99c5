package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.proto.SamplingParameters;

/**
 * All that is needed to go on with a sequence on another pipeline: a sampler is a pure function of its parameters and of
 * the tokens so far, so feeding {@code tokens} again leads to the same next token.
 *
 * @param tokens prompt and generated tokens
 * @param generatedFromPosition length of the prompt
 * @param remainingTokens tokens that may still be generated, at least 1
 * @param sampling how the tail samples
 * @param mirostatMu state of the Mirostat sampler; 0 when there is none
 * @param listener hears the rest
 */
public record ResumableSequence(ImmutableIntArray tokens, int generatedFromPosition, int remainingTokens,
        SamplingParameters sampling, float mirostatMu, GenerationListener listener) {}
