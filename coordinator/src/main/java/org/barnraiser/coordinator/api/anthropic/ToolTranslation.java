package org.barnraiser.coordinator.api.anthropic;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.api.ApiException;
import org.barnraiser.coordinator.api.Fields;
import org.barnraiser.coordinator.api.dialect.FieldOrigins;

/** Makes a chat's functions of Anthropic's tools. */
final class ToolTranslation {

    private ToolTranslation() {}

    static void translate(Fields fields, ObjectNode chat, FieldOrigins origins) throws ApiException {
        List<Fields> tools = fields.objects("tools");
        if (!tools.isEmpty()) {
            ArrayNode functions = chat.putArray("tools");
            for (int i = 0; i < tools.size(); i++) {
                origins.note("tools[" + i + "].function.parameters", tools.get(i).path("input_schema"));
                origins.note("tools[" + i + "].function", tools.get(i).path());
                functions.add(function(tools.get(i)));
            }
        }
        Optional<Fields> choice = fields.fields("tool_choice");
        if (choice.isPresent()) {
            choose(choice.get(), chat);
        }
    }

    private static ObjectNode function(Fields tool) throws ApiException {
        String type = tool.type();
        if (!type.isEmpty() && !type.equals("custom")) {
            throw tool.refused("type", "must be \"custom\": the tools that Anthropic runs or knows are not here");
        }
        ObjectNode description = tool.json().objectNode().put("type", "function");
        ObjectNode function = description.putObject("function").put("name", tool.needed("name"));
        tool.string("description").ifPresent(text -> function.put("description", text));
        function.set("parameters", tool.neededFields("input_schema").json());
        if (tool.node("strict").isPresent()) {
            function.put("strict", tool.flag("strict"));
        }
        return description;
    }

    private static void choose(Fields choice, ObjectNode chat) throws ApiException {
        switch (choice.type()) {
            case "auto", "none" -> chat.put("tool_choice", choice.type());
            case "any" -> chat.put("tool_choice", "required");
            case "tool" -> chat.putObject("tool_choice").put("type", "function").putObject("function").put("name",
                    choice.needed("name"));
            default -> throw choice.refused("type", "must be \"auto\", \"any\", \"tool\" or \"none\"");
        }
        if (choice.node("disable_parallel_tool_use").isPresent()) {
            chat.put("parallel_tool_calls", !choice.flag("disable_parallel_tool_use"));
        }
    }
}
