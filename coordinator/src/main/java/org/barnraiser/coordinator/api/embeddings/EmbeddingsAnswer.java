package org.barnraiser.coordinator.api.embeddings;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * OpenAI's answer to a request for embeddings.
 *
 * @param embeddings in the order of the texts
 * @param inBase64 whether they are packed rather than lists of numbers
 */
public record EmbeddingsAnswer(String model, List<Embedding> embeddings, boolean inBase64, long promptTokens) {
    private static final JsonFactory JSON = new JsonFactory();

    /** Writes it number by number, as a tree of all of them would be many times their size; leaves the stream open. */
    public void writeTo(OutputStream out) throws IOException {
        try (JsonGenerator json = JSON.createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            json.writeStartObject();
            json.writeStringField("object", "list");
            json.writeArrayFieldStart("data");
            for (int i = 0; i < embeddings.size(); i++) {
                write(json, i);
            }
            json.writeEndArray();
            json.writeStringField("model", model);
            json.writeObjectFieldStart("usage");
            json.writeNumberField("prompt_tokens", promptTokens);
            json.writeNumberField("total_tokens", promptTokens);
            json.writeEndObject();
            json.writeEndObject();
        }
    }

    private void write(JsonGenerator json, int index) throws IOException {
        Embedding embedding = embeddings.get(index);
        json.writeStartObject();
        json.writeStringField("object", "embedding");
        json.writeNumberField("index", index);
        if (inBase64) {
            json.writeStringField("embedding", embedding.base64());
        } else {
            json.writeArrayFieldStart("embedding");
            for (float value : embedding.values()) {
                json.writeNumber(value);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }
}
