package org.barnraiser.coordinator.api.answer;

/** A whole call of a tool; the arguments are the text of a JSON object, as far as the answer came. */
public record ToolCalled(String id, String name, String arguments) {}
