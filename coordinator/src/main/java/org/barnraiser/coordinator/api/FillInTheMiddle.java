package org.barnraiser.coordinator.api;

import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.TextPart;

/** Prompts for models that were taught to write what stands between two texts. */
final class FillInTheMiddle {

    private record Marks(String before, String after, String middle) {}

    private static final List<Marks> KNOWN = List.of(
            new Marks("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
            new Marks("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
            new Marks("<fim-prefix>", "<fim-suffix>", "<fim-middle>"),
            new Marks("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
            new Marks("▁<PRE>", "▁<SUF>", "▁<MID>"));

    private final HostedModel model;

    FillInTheMiddle(HostedModel model) {
        this.model = model;
    }

    /** The prompt; blocks on calls to the tail. */
    List<TextPart> prompt(String before, String after) throws ApiException, ModelUnavailableException {
        for (Marks marks : KNOWN) {
            if (isToken(marks.before) && isToken(marks.after) && isToken(marks.middle)) {
                List<TextPart> parts = new ArrayList<>();
                parts.add(new TextPart(marks.before, true));
                addText(before, parts);
                parts.add(new TextPart(marks.after, true));
                addText(after, parts);
                parts.add(new TextPart(marks.middle, true));
                return parts;
            }
        }
        throw ApiException.invalid("suffix",
                "'suffix' cannot be used with this model: its vocabulary has no tokens to fill in the middle of a text.");
    }

    private static void addText(String text, List<TextPart> parts) {
        if (!text.isEmpty()) {
            parts.add(new TextPart(text, false));
        }
    }

    private boolean isToken(String mark) throws ModelUnavailableException {
        return model.tokenize(List.of(new TextPart(mark, true)), false).length() == 1;
    }
}
