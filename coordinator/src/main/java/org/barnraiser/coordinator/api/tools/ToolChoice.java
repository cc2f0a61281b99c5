package org.barnraiser.coordinator.api.tools;

/** Whether a model must call a tool. */
public sealed interface ToolChoice {

    /** As it likes. */
    record Auto() implements ToolChoice {}

    /** It must not, and is not told of any. */
    record None() implements ToolChoice {}

    /** At least one, whichever it likes. */
    record Required() implements ToolChoice {}

    /** This one. */
    record Named(String name) implements ToolChoice {}
}
