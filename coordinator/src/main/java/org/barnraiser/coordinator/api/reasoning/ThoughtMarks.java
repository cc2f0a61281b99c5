package org.barnraiser.coordinator.api.reasoning;

import java.util.List;
import java.util.Optional;

/**
 * What a family of models writes around its thoughts.
 *
 * @param begin stands before them, in the answer or at the end of the prompt
 * @param end stands behind them
 */
public record ThoughtMarks(String begin, String end) {
    private static final ThoughtMarks COMMON = new ThoughtMarks("<think>", "</think>");
    private static final List<ThoughtMarks> KNOWN = List.of(COMMON,
            new ThoughtMarks("<|START_THINKING|>", "<|END_THINKING|>"), new ThoughtMarks("[THINK]", "[/THINK]"),
            new ThoughtMarks("<thought>", "</thought>"), new ThoughtMarks("<reasoning>", "</reasoning>"),
            new ThoughtMarks("<|channel|>analysis<|message|>", "<|start|>assistant<|channel|>final<|message|>"));

    /** Those that a chat template speaks of. */
    public static Optional<ThoughtMarks> in(String template) {
        return KNOWN.stream().filter(marks -> template.contains(marks.begin) || template.contains(marks.end))
                .findFirst();
    }

    /** Those that a model is taken to write if its template says nothing. */
    public static ThoughtMarks common() {
        return COMMON;
    }
}
