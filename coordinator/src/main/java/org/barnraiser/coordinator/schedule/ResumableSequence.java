package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.SamplingParameters.Pooling;

/**
 * A sequence in the form in which every runner takes it, whether it is new or was begun elsewhere: a sampler is a pure function of
 * its parameters and of the tokens so far, so feeding {@code tokens} leads to the same next token anywhere.
 *
 * @param tokens prompt and generated tokens, at least one
 * @param generatedFromPosition length of the prompt; as long as {@code tokens} when nothing was generated yet
 * @param remainingTokens tokens that may still be generated, at least 1; the end of the context may come first
 * @param sampling how the tail samples
 * @param mirostatMu state of the Mirostat sampler; 0 when there is none
 * @param readFirst whether its tokens go before those of sequences that can wait
 */
public record ResumableSequence(ImmutableIntArray tokens, int generatedFromPosition, int remainingTokens,
        SamplingParameters sampling, float mirostatMu, boolean readFirst) {
    /** One that goes before no other. */
    public ResumableSequence(ImmutableIntArray tokens, int generatedFromPosition, int remainingTokens,
            SamplingParameters sampling, float mirostatMu) {
        this(tokens, generatedFromPosition, remainingTokens, sampling, mirostatMu, false);
    }

    public ResumableSequence {
        if (generatedFromPosition < 1 || generatedFromPosition > tokens.length()) {
            throw new IllegalArgumentException("generatedFromPosition is " + generatedFromPosition
                    + "; it must be from 1 to the number of tokens, " + tokens.length());
        }
        if (remainingTokens < 1) {
            throw new IllegalArgumentException("remainingTokens is " + remainingTokens + "; it must be at least 1");
        }
        if (sampling.getPooling() != Pooling.NO_POOLING
                && (remainingTokens != 1 || tokens.length() > generatedFromPosition)) {
            throw new IllegalArgumentException("a sequence that is read for its meaning has one result and no tokens");
        }
    }

    /** Whether it is read for its pooled hidden states, and nothing is sampled: then no part of it can be left out. */
    boolean isPooled() {
        return sampling.getPooling() != Pooling.NO_POOLING;
    }

    /** A sequence of which nothing was generated yet. */
    public static ResumableSequence of(GenerationRequest request) {
        return new ResumableSequence(request.promptTokens(), request.promptTokens().length(), request.maxTokens(),
                request.sampling(), 0, request.readFirst());
    }

    /** Whether a part of its answer was generated already. */
    boolean hasBegun() {
        return tokens.length() > generatedFromPosition;
    }
}
