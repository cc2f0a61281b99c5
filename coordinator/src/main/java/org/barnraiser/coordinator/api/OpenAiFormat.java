package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.barnraiser.coordinator.api.answer.ServerEvent;
import org.barnraiser.coordinator.model.ModelDescription;

/** What the answers of OpenAI's chat and completions have in common, whole or as the chunks of a stream. */
abstract sealed class OpenAiFormat implements AnswerFormat, EventFormat permits ChatFormat, CompletionFormat {
    private static final ServerEvent DONE = ServerEvent.of("[DONE]");

    private final String id;
    private final long createdEpochSeconds = System.currentTimeMillis() / 1000;
    private final ModelDescription model;
    private final GenerationSettings settings;

    /** @param idPrefix what the answer's id starts with */
    OpenAiFormat(String idPrefix, ModelDescription model, GenerationSettings settings) {
        this.id = idPrefix + UUID.randomUUID().toString().replace("-", "");
        this.model = model;
        this.settings = settings;
    }

    /** Names the kind of object. */
    abstract String objectName(boolean chunk);

    /** The answers that are given, of those that were generated. */
    List<FinishedChoice> chosen(List<FinishedChoice> answers) {
        return answers;
    }

    /** Fills the parts of a whole choice that depend on the kind of answer. */
    abstract void fillWhole(ObjectNode choice, FinishedChoice answer);

    /** Fills a stream's chunk of something new. */
    abstract void fillDelta(ObjectNode choice, Delta delta);

    /** Fills the last chunk of a choice, which has nothing new. */
    abstract void fillLast(ObjectNode choice);

    /** The chunk that opens a choice in a stream, if there is one. */
    abstract Optional<ObjectNode> first(int choice);

    @Override
    public final ObjectNode whole(List<FinishedChoice> answers, Usage usage) {
        ObjectNode body = envelope(false);
        ArrayNode choices = body.putArray("choices");
        List<FinishedChoice> given = chosen(answers);
        for (int i = 0; i < given.size(); i++) {
            ObjectNode choice = choices.addObject().put("index", i);
            fillWhole(choice, given.get(i));
            choice.put("finish_reason", given.get(i).finish().reason().jsonName());
        }
        body.set("usage", usage.toJson());
        return body;
    }

    @Override
    public final EventFormat events() {
        return this;
    }

    @Override
    public final List<ServerEvent> open(Usage soFar) {
        List<ServerEvent> opening = new ArrayList<>();
        for (int choice = 0; choice < settings.choices(); choice++) {
            first(choice).ifPresent(chunk -> opening.add(event(withoutUsage(chunk))));
        }
        return opening;
    }

    @Override
    public final List<ServerEvent> delta(int index, Delta delta) {
        ObjectNode chunk = envelope(true);
        ObjectNode choice = choice(chunk, index);
        fillDelta(choice, delta);
        choice.putNull("finish_reason");
        return List.of(event(withoutUsage(chunk)));
    }

    @Override
    public final List<ServerEvent> finished(int index, Finish finish) {
        ObjectNode chunk = envelope(true);
        ObjectNode choice = choice(chunk, index);
        fillLast(choice);
        choice.putNull("logprobs").put("finish_reason", finish.reason().jsonName());
        return List.of(event(withoutUsage(chunk)));
    }

    @Override
    public final List<ServerEvent> close(Usage usage) {
        if (!settings.includeUsage()) {
            return List.of(DONE);
        }
        ObjectNode chunk = envelope(true);
        chunk.putArray("choices");
        chunk.set("usage", usage.toJson());
        return List.of(event(chunk), DONE);
    }

    /** A chunk without a choice, as the one with the usage is. */
    @Override
    public final List<ServerEvent> receipt(ObjectNode receipt) {
        ObjectNode chunk = withoutUsage(envelope(true));
        chunk.putArray("choices");
        chunk.set(AnswerReceipt.FIELD, receipt);
        return List.of(event(chunk));
    }

    /** Without an end, so that no client takes the answer for a whole one. */
    @Override
    public final List<ServerEvent> failed(ApiError error) {
        return List.of(event(error.toJson()));
    }

    final ObjectNode envelope(boolean chunk) {
        return Json.object().put("id", id).put("object", objectName(chunk)).put("created", createdEpochSeconds)
                .put("model", model.name()).put("system_fingerprint", "sha256:" + model.digest());
    }

    static ObjectNode choice(ObjectNode chunk, int index) {
        return chunk.putArray("choices").addObject().put("index", index);
    }

    /** As OpenAI has it: with usage asked for, every chunk has the field, but only the last a value. */
    private ObjectNode withoutUsage(ObjectNode chunk) {
        return settings.includeUsage() ? chunk.putNull("usage") : chunk;
    }

    private static ServerEvent event(ObjectNode chunk) {
        return ServerEvent.of(new String(Json.bytes(chunk), StandardCharsets.UTF_8));
    }
}
