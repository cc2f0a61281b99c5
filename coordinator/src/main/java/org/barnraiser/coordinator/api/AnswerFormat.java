package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.barnraiser.coordinator.model.ModelDescription;

/** How the answer to one request looks in JSON, whole or as the chunks of a stream. */
abstract sealed class AnswerFormat permits ChatFormat, CompletionFormat {
    private final String id;
    private final long createdEpochSeconds = System.currentTimeMillis() / 1000;
    private final ModelDescription model;

    /** @param idPrefix what the answer's id starts with */
    AnswerFormat(String idPrefix, ModelDescription model) {
        this.id = idPrefix + UUID.randomUUID().toString().replace("-", "");
        this.model = model;
    }

    /** Names the kind of object. */
    abstract String objectName(boolean chunk);

    /** Fills the parts of a whole choice that depend on the kind of answer. */
    abstract void fillWhole(ObjectNode choice, FinishedChoice answer);

    /** Fills a stream's chunk of new text. */
    abstract void fillDelta(ObjectNode choice, Delta delta);

    /** Fills the last chunk of a choice, which has no text. */
    abstract void fillLast(ObjectNode choice);

    /** The chunk that opens a choice in a stream, if there is one. */
    abstract Optional<ObjectNode> first(int choice);

    final ObjectNode whole(List<FinishedChoice> answers, Usage usage) {
        ObjectNode body = envelope(false);
        ArrayNode choices = body.putArray("choices");
        for (int i = 0; i < answers.size(); i++) {
            ObjectNode choice = choices.addObject().put("index", i);
            fillWhole(choice, answers.get(i));
            choice.put("finish_reason", answers.get(i).reason().jsonName());
        }
        body.set("usage", usage.toJson());
        return body;
    }

    final ObjectNode delta(int index, Delta delta) {
        ObjectNode chunk = envelope(true);
        ObjectNode choice = choice(chunk, index);
        fillDelta(choice, delta);
        choice.putNull("finish_reason");
        return chunk;
    }

    final ObjectNode last(int index, FinishReason reason) {
        ObjectNode chunk = envelope(true);
        ObjectNode choice = choice(chunk, index);
        fillLast(choice);
        choice.putNull("logprobs").put("finish_reason", reason.jsonName());
        return chunk;
    }

    final ObjectNode usage(Usage usage) {
        ObjectNode chunk = envelope(true);
        chunk.putArray("choices");
        chunk.set("usage", usage.toJson());
        return chunk;
    }

    final ObjectNode envelope(boolean chunk) {
        return Json.object().put("id", id).put("object", objectName(chunk)).put("created", createdEpochSeconds)
                .put("model", model.name()).put("system_fingerprint", "sha256:" + model.digest());
    }

    static ObjectNode choice(ObjectNode chunk, int index) {
        return chunk.putArray("choices").addObject().put("index", index);
    }
}
