package org.barnraiser.coordinator.api.answer;

import java.util.ArrayList;
import java.util.List;

/** Parts of an answer, of which like ones that follow each other are put together. */
public final class PartList {
    private List<AnswerPart> parts = new ArrayList<>();

    /** Adds to the end; nothing if it is empty. */
    public void add(AnswerPart part) {
        AnswerPart last = parts.isEmpty() ? null : parts.getLast();
        switch (part) {
            case AnswerPart.Text(String more) when last instanceof AnswerPart.Text(String text) ->
                replaceLast(new AnswerPart.Text(text + more));
            case AnswerPart.Reasoning(String more) when last instanceof AnswerPart.Reasoning(String text) ->
                replaceLast(new AnswerPart.Reasoning(text + more));
            case AnswerPart.CallArguments(int index, String more) when last instanceof AnswerPart.CallArguments(int before, String text)
                    && before == index ->
                replaceLast(new AnswerPart.CallArguments(index, text + more));
            case AnswerPart.Text(String text) when text.isEmpty() -> {
            }
            case AnswerPart.Reasoning(String text) when text.isEmpty() -> {
            }
            default -> parts.add(part);
        }
    }

    private void replaceLast(AnswerPart part) {
        parts.removeLast();
        parts.add(part);
    }

    /** What was added since the last time. */
    public List<AnswerPart> take() {
        List<AnswerPart> taken = parts;
        parts = new ArrayList<>();
        return taken;
    }
}
