package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.OptionalInt;
import org.barnraiser.coordinator.api.embeddings.EmbeddingInput;
import org.barnraiser.coordinator.api.embeddings.EmbeddingInputs;
import org.barnraiser.coordinator.api.embeddings.InvalidInputException;
import org.barnraiser.coordinator.model.EmbeddingShape;
import org.barnraiser.coordinator.model.ModelDescription;

/**
 * A checked request for what texts mean.
 *
 * @param shape how the model tells it
 * @param inBase64 whether numbers are to be packed
 * @param adapters what they are computed with
 */
record EmbeddingRequest(List<EmbeddingInput> inputs, EmbeddingShape shape, boolean inBase64, AdapterChoice adapters) {
    /** Numbers of one answer, 16 MiB of them. */
    private static final int MAX_NUMBERS = 1 << 22;

    static EmbeddingRequest read(Fields fields, ModelDescription hosted) throws ApiException {
        AdapterChoice adapters = AdapterChoice.read(fields, hosted);
        ModelDescription model = adapters.model();
        SettingsReader.checkModel(fields, model);
        EmbeddingShape shape = model.embedding()
                .orElseThrow(() -> ApiException.invalid("model", "The model '" + model.name()
                        + "' does not tell what texts mean: it has no embeddings."));
        OptionalInt dimensions = fields.integer("dimensions", 1, Integer.MAX_VALUE);
        if (dimensions.isPresent() && dimensions.getAsInt() != shape.length()) {
            throw fields.refused("dimensions", "can only be " + shape.length()
                    + ", the length of this model's embeddings: it was not made to have them cut");
        }
        List<EmbeddingInput> inputs = inputs(fields, model);
        int most = Math.max(1, MAX_NUMBERS / shape.length());
        if (inputs.size() > most) {
            throw fields.refused("input", "must hold at most " + most + " texts at once for this model, not "
                    + inputs.size());
        }
        return new EmbeddingRequest(inputs, shape, inBase64(fields), adapters);
    }

    private static List<EmbeddingInput> inputs(Fields fields, ModelDescription model) throws ApiException {
        JsonNode input = fields.node("input")
                .orElseThrow(() -> fields.refused("input", "is needed: a text, tokens, or a list of either"));
        try {
            return EmbeddingInputs.read(input, model.vocabularySize());
        } catch (InvalidInputException e) {
            throw fields.refused("input", String.valueOf(e.getMessage()));
        }
    }

    private static boolean inBase64(Fields fields) throws ApiException {
        return switch (fields.string("encoding_format").orElse("float")) {
            case "float" -> false;
            case "base64" -> true;
            default -> throw fields.refused("encoding_format", "must be \"float\" or \"base64\"");
        };
    }
}
