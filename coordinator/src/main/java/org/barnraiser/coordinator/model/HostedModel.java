package org.barnraiser.coordinator.model;

import com.google.common.primitives.ImmutableIntArray;
import com.google.protobuf.ByteString;
import java.util.List;

/**
 * One model that the cluster hosts. All methods may be called from any thread; those that say so block, with a deadline,
 * and belong on a virtual thread.
 */
public interface HostedModel {

    ModelDescription description();

    /** Whether a real token has crossed every stage of the current plan, and if not, why. Never blocks. */
    Readiness readiness();

    /** Pipelines that answer now, each with as many slots as the others; at least 1. Never blocks. */
    default int pipelines() {
        return 1;
    }

    /** Turns text into tokens with the model's own vocabulary. Blocks on a call to the tail. */
    ImmutableIntArray tokenize(List<TextPart> parts, boolean addSpecial) throws ModelUnavailableException;

    /**
     * Turns tokens into the bytes of their text, which may begin or end within a character. Blocks on a call to the tail.
     *
     * @param tokens all of the model's vocabulary
     */
    ByteString detokenize(ImmutableIntArray tokens) throws ModelUnavailableException;

    /**
     * Starts a generation; returns at once. The listener hears every token in order and then exactly one end.
     *
     * @throws ModelUnavailableException when the model is not ready or its queue is full
     */
    Generation generate(GenerationRequest request, GenerationListener listener) throws ModelUnavailableException;
}
