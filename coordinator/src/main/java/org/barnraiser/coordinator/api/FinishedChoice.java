package org.barnraiser.coordinator.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.barnraiser.coordinator.api.answer.AnswerPart;
import org.barnraiser.coordinator.api.answer.ToolCalled;

/**
 * A whole answer.
 *
 * @param parts in the order in which they came, as they came
 * @param scored the tokens with their log-probabilities; empty when nobody asked for them
 */
public record FinishedChoice(List<AnswerPart> parts, List<Delta.Scored> scored, Finish finish) {

    /** The words for the reader. */
    public String text() {
        return Delta.text(parts);
    }

    /** What the model thought; empty if it did not. */
    public String reasoning() {
        return Delta.reasoning(parts);
    }

    /** The tools that were called, in order. */
    public List<ToolCalled> calls() {
        List<AnswerPart.CallBegin> begun = new ArrayList<>();
        Map<Integer, StringBuilder> arguments = new LinkedHashMap<>();
        for (AnswerPart part : parts) {
            switch (part) {
                case AnswerPart.CallBegin begin -> begun.add(begin);
                case AnswerPart.CallArguments(int index, String fragment) ->
                    arguments.computeIfAbsent(index, _ -> new StringBuilder()).append(fragment);
                case AnswerPart.Text _,AnswerPart.Reasoning _ -> {
                }
            }
        }
        return begun.stream().map(call -> new ToolCalled(call.id(), call.name(),
                arguments.getOrDefault(call.index(), new StringBuilder()).toString())).collect(Collectors.toList());
    }
}
