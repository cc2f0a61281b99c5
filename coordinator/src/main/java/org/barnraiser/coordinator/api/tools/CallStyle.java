package org.barnraiser.coordinator.api.tools;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.stream.Stream;

/** How a family of models writes calls of tools, as its chat template shows them. */
public enum CallStyle {
    /** {@code <tool_call>{"name":…,"arguments":…}</tool_call>}. */
    HERMES(List.of("<tool_call>"), "</tool_call>", List.of()),
    /** {@code {"name":…,"parameters":…}} and nothing else, perhaps behind a tag. */
    LLAMA(List.of("<|python_tag|>"), "", List.of()),
    /** {@code [TOOL_CALLS][{"name":…,"arguments":…},…]}. */
    MISTRAL(List.of("[TOOL_CALLS]"), "", List.of()),
    /** {@code [TOOL_CALLS]name[ARGS]{…}}. */
    MISTRAL_NAMED(List.of("[TOOL_CALLS]"), "", List.of()),
    /** The name, and the arguments in a fenced block. */
    DEEPSEEK(List.of("<｜tool▁call▁begin｜>"), "<｜tool▁call▁end｜>",
            List.of("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>")),
    /** The name, a separator and the arguments. */
    DEEPSEEK_PLAIN(List.of("<｜tool▁call▁begin｜>"), "<｜tool▁call▁end｜>",
            List.of("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>")),
    /** {@code <|tool_call|>[{"name":…,"arguments":…},…]}. */
    GRANITE(List.of("<|tool_call|>"), "", List.of()),
    /** {@code <function=name>{…}</function>}. */
    FUNCTION(List.of("<function="), "</function>", List.of()),
    /** {@code {"name":…,"arguments":…}} and nothing else. */
    GENERIC(List.of(), "", List.of());

    private final ImmutableList<String> openers;
    private final String closer;
    private final ImmutableList<String> silent;

    CallStyle(List<String> openers, String closer, List<String> silent) {
        this.openers = ImmutableList.copyOf(openers);
        this.closer = closer;
        this.silent = ImmutableList.copyOf(silent);
    }

    /** The style of the family that a chat template was made for. */
    public static CallStyle of(String template) {
        if (template.contains("[TOOL_CALLS]")) {
            return template.contains("[ARGS]") ? MISTRAL_NAMED : MISTRAL;
        }
        if (template.contains("<tool_call>")) {
            return HERMES;
        }
        if (template.contains("<｜tool▁call▁begin｜>")) {
            return template.contains("```json") ? DEEPSEEK : DEEPSEEK_PLAIN;
        }
        if (template.contains("<|tool_call|>")) {
            return GRANITE;
        }
        if (template.contains("<function=")) {
            return FUNCTION;
        }
        return template.contains("<|python_tag|>") || template.contains("ipython") ? LLAMA : GENERIC;
    }

    /** What begins a call. */
    public List<String> openers() {
        return openers;
    }

    /** What ends a call; may be empty. */
    public String closer() {
        return closer;
    }

    /** What stands around calls and says nothing. */
    List<String> silent() {
        return silent;
    }

    /** All that is never text. */
    public List<String> markers() {
        return Stream.of(openers, silent, closer.isEmpty() ? List.<String>of() : List.of(closer))
                .flatMap(List::stream).toList();
    }

    /** Whether a call may be an answer of JSON without a marker. */
    boolean isBare() {
        return this == LLAMA || this == GENERIC;
    }
}
