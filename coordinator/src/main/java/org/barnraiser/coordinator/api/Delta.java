package org.barnraiser.coordinator.api;

import java.util.List;
import java.util.stream.Collectors;
import org.barnraiser.coordinator.api.answer.AnswerPart;
import org.barnraiser.proto.SampledToken;

/**
 * What an answer gained: parts that may be shown, and the tokens whose text is certain now.
 *
 * @param scored the tokens with their log-probabilities; empty when nobody asked for them
 */
public record Delta(List<AnswerPart> parts, List<Scored> scored) {

    /**
     * A token with its log-probability.
     *
     * @param textOffset where its text starts, in chars from the start of the answer
     */
    public record Scored(SampledToken token, int textOffset) {}

    /** The words for the reader. */
    public String text() {
        return text(parts);
    }

    /** What the model thought. */
    public String reasoning() {
        return reasoning(parts);
    }

    boolean isEmpty() {
        return parts.isEmpty() && scored.isEmpty();
    }

    static String text(List<AnswerPart> parts) {
        return parts.stream().filter(AnswerPart.Text.class::isInstance).map(part -> ((AnswerPart.Text) part).text())
                .collect(Collectors.joining());
    }

    static String reasoning(List<AnswerPart> parts) {
        return parts.stream().filter(AnswerPart.Reasoning.class::isInstance)
                .map(part -> ((AnswerPart.Reasoning) part).text()).collect(Collectors.joining());
    }
}
