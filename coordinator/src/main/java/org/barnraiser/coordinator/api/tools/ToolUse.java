package org.barnraiser.coordinator.api.tools;

import java.util.List;

/**
 * The tools of one request.
 *
 * @param tools with names of their own
 * @param parallel whether one answer may hold several calls
 */
public record ToolUse(List<Tool> tools, ToolChoice choice, boolean parallel) {
    /** No tools. */
    public static final ToolUse NONE = new ToolUse(List.of(), new ToolChoice.None(), true);

    /** Those that the model is told of. */
    public List<Tool> shown() {
        return choice instanceof ToolChoice.None ? List.of() : tools;
    }
}
