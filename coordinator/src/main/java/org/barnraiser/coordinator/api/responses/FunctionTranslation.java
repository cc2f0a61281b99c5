package org.barnraiser.coordinator.api.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.api.ApiException;
import org.barnraiser.coordinator.api.Fields;
import org.barnraiser.coordinator.api.dialect.FieldOrigins;

/** Makes a chat's functions of a response's tools, which say the same less deeply. */
final class FunctionTranslation {

    private FunctionTranslation() {}

    static void translate(Fields fields, ObjectNode chat, FieldOrigins origins) throws ApiException {
        List<Fields> tools = fields.objects("tools");
        if (!tools.isEmpty()) {
            ArrayNode functions = chat.putArray("tools");
            for (int i = 0; i < tools.size(); i++) {
                origins.note("tools[" + i + "].function", tools.get(i).path());
                functions.add(function(tools.get(i)));
            }
        }
        Optional<JsonNode> choice = fields.node("tool_choice");
        if (choice.isPresent() && choice.get().isTextual()) {
            chat.set("tool_choice", choice.get());
        } else if (choice.isPresent()) {
            Fields named = fields.neededFields("tool_choice");
            if (!named.type().equals("function")) {
                throw named.refused("type", "must be \"function\"; nothing else can be chosen here");
            }
            chat.putObject("tool_choice").put("type", "function").putObject("function").put("name",
                    named.needed("name"));
        }
    }

    private static ObjectNode function(Fields tool) throws ApiException {
        if (!tool.type().equals("function")) {
            throw tool.refused("type", "must be \"function\": the tools that OpenAI runs are not here");
        }
        ObjectNode description = tool.json().objectNode().put("type", "function");
        ObjectNode function = description.putObject("function").put("name", tool.needed("name"));
        for (String name : List.of("description", "parameters", "strict")) {
            tool.node(name).ifPresent(value -> function.set(name, value));
        }
        return description;
    }
}
