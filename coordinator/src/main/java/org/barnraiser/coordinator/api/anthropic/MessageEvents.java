package org.barnraiser.coordinator.api.anthropic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.api.ApiError;
import org.barnraiser.coordinator.api.Delta;
import org.barnraiser.coordinator.api.EventFormat;
import org.barnraiser.coordinator.api.Finish;
import org.barnraiser.coordinator.api.Usage;
import org.barnraiser.coordinator.api.answer.AnswerPart;
import org.barnraiser.coordinator.api.answer.ServerEvent;

/** Writes an answer as the events of Anthropic's stream: blocks of content, one after the other. */
final class MessageEvents implements EventFormat {
    private static final String TEXT = "text";
    private static final String THINKING = "thinking";

    private final MessageFormat format;
    private final boolean thinks;
    private final List<ServerEvent> events = new ArrayList<>();
    private final ObjectNode end = JsonNodeFactory.instance.objectNode();
    /** Kind of the block that is open; empty while none is. */
    private String open = "";
    private int block = -1;

    MessageEvents(MessageFormat format, boolean thinks) {
        this.format = format;
        this.thinks = thinks;
    }

    @Override
    public List<ServerEvent> open(Usage soFar) {
        ObjectNode message = format.envelope();
        message.putArray("content");
        message.putNull("stop_reason").putNull("stop_sequence").set("usage", MessageFormat.usage(soFar));
        ObjectNode start = event("message_start");
        start.set("message", message);
        send(start);
        return sent();
    }

    @Override
    public List<ServerEvent> delta(int choice, Delta delta) {
        for (AnswerPart part : delta.parts()) {
            switch (part) {
                case AnswerPart.Text(String text) -> {
                    open(TEXT, object(TEXT).put("text", ""));
                    gain(object("text_delta").put("text", text));
                }
                case AnswerPart.Reasoning(String thought) -> {
                    if (thinks) {
                        open(THINKING, object(THINKING).put("thinking", "").put("signature", ""));
                        gain(object("thinking_delta").put("thinking", thought));
                    }
                }
                case AnswerPart.CallBegin(int index, String id, String name) -> {
                    ObjectNode call = object("tool_use").put("id", id).put("name", name);
                    call.putObject("input");
                    open("tool_use " + index, call);
                }
                case AnswerPart.CallArguments(_, String fragment) ->
                    gain(object("input_json_delta").put("partial_json", fragment));
            }
        }
        return sent();
    }

    @Override
    public List<ServerEvent> finished(int choice, Finish finish) {
        MessageFormat.putStop(end, finish);
        return List.of();
    }

    @Override
    public List<ServerEvent> close(Usage usage) {
        close();
        ObjectNode last = event("message_delta");
        last.set("delta", end);
        last.set("usage", MessageFormat.usage(usage));
        send(last);
        send(event("message_stop"));
        return sent();
    }

    @Override
    public Optional<ServerEvent> ping() {
        return Optional.of(new ServerEvent(Optional.of("ping"), "{\"type\":\"ping\"}"));
    }

    @Override
    public List<ServerEvent> failed(ApiError error) {
        send(AnthropicErrors.of(error));
        return sent();
    }

    private void open(String kind, ObjectNode content) {
        if (open.equals(kind)) {
            return;
        }
        close();
        open = kind;
        block++;
        ObjectNode start = event("content_block_start").put("index", block);
        start.set("content_block", content);
        send(start);
    }

    private void gain(ObjectNode delta) {
        ObjectNode gained = event("content_block_delta").put("index", block);
        gained.set("delta", delta);
        send(gained);
    }

    private void close() {
        if (!open.isEmpty()) {
            open = "";
            send(event("content_block_stop").put("index", block));
        }
    }

    private static ObjectNode object(String type) {
        return JsonNodeFactory.instance.objectNode().put("type", type);
    }

    private static ObjectNode event(String type) {
        return object(type);
    }

    private void send(ObjectNode event) {
        events.add(new ServerEvent(Optional.of(event.path("type").asText()), event.toString()));
    }

    private List<ServerEvent> sent() {
        List<ServerEvent> sent = List.copyOf(events);
        events.clear();
        return sent;
    }
}
