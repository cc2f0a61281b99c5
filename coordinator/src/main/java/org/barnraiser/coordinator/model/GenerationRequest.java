package org.barnraiser.coordinator.model;

import com.google.common.primitives.ImmutableIntArray;
import org.barnraiser.proto.SamplingParameters;

/**
 * One sequence to generate.
 *
 * @param promptTokens at least one token
 * @param maxTokens tokens to generate at most, at least 1; the end of the context may come first
 * @param sampling how the tail samples
 */
public record GenerationRequest(ImmutableIntArray promptTokens, int maxTokens, SamplingParameters sampling) {
    public GenerationRequest {
        if (promptTokens.isEmpty()) {
            throw new IllegalArgumentException("promptTokens is empty; a generation needs at least one token");
        }
        if (maxTokens < 1) {
            throw new IllegalArgumentException("maxTokens is " + maxTokens + "; it must be at least 1");
        }
    }
}
