package org.barnraiser.coordinator.model;

import com.google.common.primitives.ImmutableIntArray;
import org.barnraiser.proto.SamplingParameters;

/**
 * One sequence to generate.
 *
 * @param promptTokens at least one token
 * @param maxTokens tokens to generate at most, at least 1; the end of the context may come first
 * @param sampling how the tail samples
 * @param readFirst whether its prompt goes before those of who asks for several answers at once
 */
public record GenerationRequest(ImmutableIntArray promptTokens, int maxTokens, SamplingParameters sampling,
        boolean readFirst) {
    /** One that waits in line with all the others. */
    public GenerationRequest(ImmutableIntArray promptTokens, int maxTokens, SamplingParameters sampling) {
        this(promptTokens, maxTokens, sampling, false);
    }

    public GenerationRequest {
        if (promptTokens.isEmpty()) {
            throw new IllegalArgumentException("promptTokens is empty; a generation needs at least one token");
        }
        if (maxTokens < 1) {
            throw new IllegalArgumentException("maxTokens is " + maxTokens + "; it must be at least 1");
        }
    }

    /** The same, but it goes before others. */
    public GenerationRequest first() {
        return new GenerationRequest(promptTokens, maxTokens, sampling, true);
    }
}
