package org.barnraiser.coordinator.api.embeddings;

import com.google.common.primitives.ImmutableIntArray;

/** One text whose meaning is asked for. */
public sealed interface EmbeddingInput {

    /** In words. */
    record Text(String text) implements EmbeddingInput {}

    /** In tokens of the model, at least one. */
    record Tokens(ImmutableIntArray tokens) implements EmbeddingInput {}
}
