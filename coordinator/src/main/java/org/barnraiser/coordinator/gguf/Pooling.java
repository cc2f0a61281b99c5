package org.barnraiser.coordinator.gguf;

import org.jspecify.annotations.Nullable;

/** What a model says of how the hidden states of a text become its embedding: llama.cpp's {@code pooling_type}. */
public enum Pooling {
    /** Nothing, as most that generate. */
    UNSAID,
    MEAN,
    /** llama.cpp's CLS. */
    FIRST,
    LAST,
    /** Something that is no embedding, such as a rank. */
    OTHER;

    static Pooling of(@Nullable MetadataValue value) {
        if (value == null) {
            return UNSAID;
        }
        return value instanceof MetadataValue.Whole(_, long number) ? switch ((int) number) {
            case 0 -> UNSAID;
            case 1 -> MEAN;
            case 2 -> FIRST;
            case 3 -> LAST;
            default -> OTHER;
        } : OTHER;
    }
}
