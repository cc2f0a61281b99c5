package org.barnraiser.coordinator.api;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import org.barnraiser.coordinator.model.TextPart;

/** One prompt, before it is tokens or already so. */
public sealed interface PromptSource {

    /** Text, to be tokenized with the model's start token first if it wants one. */
    record Parts(List<TextPart> parts) implements PromptSource {}

    /** Tokens as they are to be read, checked to be the vocabulary's. */
    record Tokens(ImmutableIntArray tokens) implements PromptSource {}
}
