package org.barnraiser.coordinator.api.responses;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.api.ApiError;
import org.barnraiser.coordinator.api.Delta;
import org.barnraiser.coordinator.api.EventFormat;
import org.barnraiser.coordinator.api.Finish;
import org.barnraiser.coordinator.api.FinishReason;
import org.barnraiser.coordinator.api.ScoredTokens;
import org.barnraiser.coordinator.api.Usage;
import org.barnraiser.coordinator.api.answer.AnswerPart;
import org.barnraiser.coordinator.api.answer.ServerEvent;
import org.jspecify.annotations.Nullable;

/** Writes an answer as the events of a response's stream: items of output, one after the other. */
final class ResponseEvents implements EventFormat {
    private final ObjectNode response;
    private final ArrayNode output;
    private final List<ServerEvent> events = new ArrayList<>();
    private String status = "completed";
    private int sequence;
    /** The item that grows; null while none does. */
    private @Nullable OutputItem growing;

    ResponseEvents(ObjectNode response) {
        this.response = response;
        this.output = response.putArray("output");
    }

    /** As far as it is. */
    ObjectNode response() {
        return response;
    }

    @Override
    public List<ServerEvent> open(Usage soFar) {
        sendResponse("response.created");
        sendResponse("response.in_progress");
        return sent();
    }

    @Override
    public List<ServerEvent> delta(int choice, Delta delta) {
        ArrayNode scored = ScoredTokens.toJson(delta.scored());
        for (AnswerPart part : delta.parts()) {
            switch (part) {
                case AnswerPart.Text(String text) -> {
                    item(OutputItem.Kind.MESSAGE).gain(text, scored);
                    scored = scored.arrayNode();
                }
                case AnswerPart.Reasoning(String thought) -> item(OutputItem.Kind.REASONING).gain(thought, scored);
                case AnswerPart.CallBegin(_, String id, String name) ->
                    begin(OutputItem.Kind.CALL).called(id, name).added();
                case AnswerPart.CallArguments(_, String fragment) ->
                    item(OutputItem.Kind.CALL).gain(fragment, scored);
            }
        }
        return sent();
    }

    @Override
    public List<ServerEvent> finished(int choice, Finish finish) {
        if (finish.reason() == FinishReason.LENGTH) {
            status = "incomplete";
            response.putObject("incomplete_details").put("reason", "max_output_tokens");
        }
        return List.of();
    }

    @Override
    public List<ServerEvent> close(Usage usage) {
        end(status);
        response.put("status", status).set("usage", ResponseEnvelope.usage(usage));
        if (status.equals("completed")) {
            response.put("completed_at", System.currentTimeMillis() / 1000);
        }
        sendResponse("response." + status);
        return sent();
    }

    /** In the form of OpenAI's reference, and with the object that its clients look for. */
    @Override
    public List<ServerEvent> failed(ApiError error) {
        ObjectNode inner = JsonNodeFactory.instance.objectNode().put("type", error.type()).put("code", error.code())
                .put("message", error.message()).put("param", error.param());
        ObjectNode event = event("error").put("code", error.code()).put("message", error.message())
                .put("param", error.param());
        event.set("error", inner);
        send(event);
        return sent();
    }

    /** The item that grows if it is of this kind, or a new one. */
    private OutputItem item(OutputItem.Kind kind) {
        OutputItem item = growing;
        if (item != null && item.is(kind)) {
            return item;
        }
        OutputItem begun = begin(kind);
        begun.added();
        return begun;
    }

    private OutputItem begin(OutputItem.Kind kind) {
        end("completed");
        String id = response.path("id").asText().replace("resp_", "") + "_" + output.size();
        OutputItem begun = new OutputItem(kind, id, output.size(), this);
        growing = begun;
        return begun;
    }

    private void end(String itemStatus) {
        if (growing != null) {
            output.add(growing.done(itemStatus));
            growing = null;
        }
    }

    private void sendResponse(String type) {
        ObjectNode event = event(type);
        event.set("response", response);
        send(event);
    }

    /** An event with the next number. */
    ObjectNode event(String type) {
        return JsonNodeFactory.instance.objectNode().put("type", type).put("sequence_number", sequence++);
    }

    void send(ObjectNode event) {
        events.add(new ServerEvent(Optional.of(event.path("type").asText()), event.toString()));
    }

    private List<ServerEvent> sent() {
        List<ServerEvent> sent = List.copyOf(events);
        events.clear();
        return sent;
    }
}
