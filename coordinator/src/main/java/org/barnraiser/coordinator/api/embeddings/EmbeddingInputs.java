package org.barnraiser.coordinator.api.embeddings;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;

/** Reads the {@code input} of a request: a text, tokens, or a list of either. */
public final class EmbeddingInputs {
    /** As many as OpenAI takes. */
    public static final int MAX_INPUTS = 2_048;

    private EmbeddingInputs() {}

    /** At least one; each is checked against the vocabulary, and none is empty. */
    public static List<EmbeddingInput> read(JsonNode input, int vocabularySize) throws InvalidInputException {
        if (input.isTextual()) {
            return List.of(text(input));
        }
        if (!input.isArray() || input.isEmpty()) {
            throw new InvalidInputException("must be a text, tokens, or a list of texts or of lists of tokens");
        }
        if (input.get(0).isNumber()) {
            return List.of(tokens(input, vocabularySize));
        }
        if (input.size() > MAX_INPUTS) {
            throw new InvalidInputException("must hold at most " + MAX_INPUTS + " texts, not " + input.size());
        }
        List<EmbeddingInput> inputs = new ArrayList<>(input.size());
        for (JsonNode each : input) {
            inputs.add(each.isArray() ? tokens(each, vocabularySize) : text(each));
        }
        return List.copyOf(inputs);
    }

    private static EmbeddingInput text(JsonNode text) throws InvalidInputException {
        if (!text.isTextual() || text.textValue().isEmpty()) {
            throw new InvalidInputException("must hold texts of at least one character, or lists of tokens");
        }
        return new EmbeddingInput.Text(text.textValue());
    }

    private static EmbeddingInput tokens(JsonNode tokens, int vocabularySize) throws InvalidInputException {
        ImmutableIntArray.Builder ids = ImmutableIntArray.builder(tokens.size());
        for (JsonNode token : tokens) {
            if (!token.isIntegralNumber() || !token.canConvertToInt() || token.intValue() < 0
                    || token.intValue() >= vocabularySize) {
                throw new InvalidInputException("must hold tokens from 0 to " + (vocabularySize - 1));
            }
            ids.add(token.intValue());
        }
        if (tokens.isEmpty()) {
            throw new InvalidInputException("must hold lists of at least one token");
        }
        return new EmbeddingInput.Tokens(ids.build());
    }
}
