package org.barnraiser.coordinator.api;

import java.util.List;
import java.util.OptionalInt;
import org.barnraiser.coordinator.api.answer.PartReader;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.TextPart;

/** Reads requests to {@code /v1/completions}. */
final class CompletionRequestReader implements AnswerRequest.Reader {

    @Override
    public AnswerRequest read(Fields fields, ModelDescription model) throws ApiException {
        String prompt = fields.string("prompt").orElseThrow(() -> fields.refused("prompt", "is needed: a string"));
        if (fields.flag("echo")) {
            throw fields.refused("echo", "is not supported; put the prompt before the answer yourself");
        }
        if (fields.string("suffix").filter(text -> !text.isEmpty()).isPresent()) {
            throw fields.refused("suffix", "is not supported");
        }
        OptionalInt logprobs = fields.integer("logprobs", 0, SettingsReader.MAX_TOP_LOGPROBS);
        GenerationSettings settings = SettingsReader.read(fields, model, logprobs);
        fields.integer("best_of", settings.choices(), settings.choices());
        List<TextPart> parts = List.of(new TextPart(prompt, true));
        return new AnswerRequest("prompt", () -> parts, settings, PartReader::plain,
                new CompletionFormat(model, settings));
    }
}
