package org.barnraiser.coordinator.api.responses;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** One item of a response's output, and the events that tell how it grows. */
final class OutputItem {
    private final Kind kind;
    private final int index;
    private final ResponseEvents events;
    private final ObjectNode item;
    private final StringBuilder text = new StringBuilder();
    private final ArrayNode logprobs = JsonNodeFactory.instance.arrayNode();

    /** What an item is, and what its events are called. */
    enum Kind {
        REASONING("rs_", "reasoning", "reasoning_text", "response.reasoning_text", "text"),
        MESSAGE("msg_", "message", "output_text", "response.output_text", "text"),
        CALL("fc_", "function_call", "", "response.function_call_arguments", "arguments");

        private final String idPrefix;
        private final String type;
        /** Of the one part of its content; empty if it has no content. */
        private final String partType;
        private final String eventPrefix;
        private final String textField;

        Kind(String idPrefix, String type, String partType, String eventPrefix, String textField) {
            this.idPrefix = idPrefix;
            this.type = type;
            this.partType = partType;
            this.eventPrefix = eventPrefix;
            this.textField = textField;
        }
    }

    OutputItem(Kind kind, String id, int index, ResponseEvents events) {
        this.kind = kind;
        this.index = index;
        this.events = events;
        this.item = JsonNodeFactory.instance.objectNode().put("id", kind.idPrefix + id).put("type", kind.type)
                .put("status", "in_progress");
        switch (kind) {
            case REASONING -> item.putArray("summary");
            case MESSAGE -> item.put("role", "assistant").putArray("content");
            case CALL -> item.put("arguments", "");
        }
    }

    boolean is(Kind otherKind) {
        return kind == otherKind;
    }

    /** What is called. */
    OutputItem called(String callId, String name) {
        item.put("call_id", callId).put("name", name);
        return this;
    }

    void added() {
        ObjectNode added = events.event("response.output_item.added").put("output_index", index);
        added.set("item", item.deepCopy());
        events.send(added);
        if (hasContent()) {
            ObjectNode partAdded = inContent("response.content_part.added");
            partAdded.set("part", part());
            events.send(partAdded);
        }
    }

    void gain(String more, ArrayNode scored) {
        text.append(more);
        ObjectNode delta = inContent(kind.eventPrefix + ".delta").put("delta", more);
        if (kind == Kind.MESSAGE) {
            ArrayNode gained = delta.putArray("logprobs");
            scored.forEach(each -> {
                gained.add(each);
                logprobs.add(each);
            });
        }
        events.send(delta);
    }

    /** The whole item. */
    ObjectNode done(String status) {
        ObjectNode textDone = inContent(kind.eventPrefix + ".done").put(kind.textField, text.toString());
        item.put("status", status);
        switch (kind) {
            case MESSAGE -> textDone.set("logprobs", logprobs);
            case CALL -> textDone.set("name", item.get("name"));
            case REASONING -> {
            }
        }
        events.send(textDone);
        if (hasContent()) {
            ObjectNode partDone = inContent("response.content_part.done");
            partDone.set("part", part());
            events.send(partDone);
            item.putArray("content").add(part());
        } else {
            item.put("arguments", text.toString());
        }
        ObjectNode done = events.event("response.output_item.done").put("output_index", index);
        done.set("item", item);
        events.send(done);
        return item;
    }

    private boolean hasContent() {
        return !kind.partType.isEmpty();
    }

    private ObjectNode inContent(String type) {
        ObjectNode event = events.event(type).put("item_id", item.path("id").asText()).put("output_index", index);
        return hasContent() ? event.put("content_index", 0) : event;
    }

    private ObjectNode part() {
        ObjectNode part = JsonNodeFactory.instance.objectNode().put("type", kind.partType).put("text", text.toString());
        if (kind == Kind.MESSAGE) {
            part.putArray("annotations");
            part.set("logprobs", logprobs);
        }
        return part;
    }
}
