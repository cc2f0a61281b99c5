package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.barnraiser.coordinator.api.tools.Tool;
import org.barnraiser.coordinator.api.tools.ToolChoice;
import org.barnraiser.coordinator.api.tools.ToolUse;

/** Reads OpenAI's {@code tools}, {@code tool_choice} and {@code parallel_tool_calls}. */
final class ToolReader {
    static final int MAX_TOOLS = 128;
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_.-]{1,64}");

    private ToolReader() {}

    static ToolUse read(Fields fields) throws ApiException {
        List<Tool> tools = new ArrayList<>();
        List<JsonNode> nodes = fields.list("tools", MAX_TOOLS);
        for (int i = 0; i < nodes.size(); i++) {
            tools.add(tool(Fields.of(nodes.get(i), "tools[" + i + "]")));
        }
        checkNames(tools);
        boolean parallel = fields.node("parallel_tool_calls").isEmpty() || fields.flag("parallel_tool_calls");
        return new ToolUse(tools, choice(fields, tools), parallel);
    }

    private static Tool tool(Fields tool) throws ApiException {
        String type = tool.string("type").orElse("function");
        if (!type.equals("function")) {
            throw tool.refused("type", "must be \"function\"; no other tools are known here");
        }
        Fields function = tool.fields("function").orElseThrow(() -> tool.refused("function", "is needed: an object"));
        return tool(function, "parameters");
    }

    /** A tool whose name, description and schema are fields of one object. */
    static Tool tool(Fields function, String schemaField) throws ApiException {
        String name = function.string("name").orElseThrow(() -> function.refused("name", "is needed: a string"));
        if (!NAME.matcher(name).matches()) {
            throw function.refused("name", "must have 1 to 64 letters, digits, dots, dashes or underscores");
        }
        JsonNode parameters = function.node(schemaField).orElseGet(() -> JsonNodeFactory.instance.objectNode()
                .put("type", "object").set("properties", JsonNodeFactory.instance.objectNode()));
        if (!parameters.isObject()) {
            throw function.refused(schemaField, "must be a JSON schema: an object");
        }
        return new Tool(function.path(schemaField), name, function.string("description").orElse(""), parameters,
                function.flag("strict"));
    }

    /** Refuses two tools of one name. */
    static void checkNames(List<Tool> tools) throws ApiException {
        Set<String> names = new HashSet<>();
        for (Tool tool : tools) {
            if (!names.add(tool.name())) {
                throw ApiException.invalid("tools", "Two tools have the name '" + tool.name() + "'.");
            }
        }
    }

    private static ToolChoice choice(Fields fields, List<Tool> tools) throws ApiException {
        Optional<JsonNode> node = fields.node("tool_choice");
        ToolChoice choice = switch (node.map(JsonNode::asText).orElse("auto")) {
            case "auto" -> new ToolChoice.Auto();
            case "none" -> new ToolChoice.None();
            case "required" -> new ToolChoice.Required();
            default -> named(fields);
        };
        return checked(fields, choice, tools);
    }

    private static ToolChoice named(Fields fields) throws ApiException {
        Optional<JsonNode> node = fields.node("tool_choice").filter(JsonNode::isObject);
        if (node.isEmpty()) {
            throw fields.refused("tool_choice", "must be \"auto\", \"none\", \"required\" or name a function");
        }
        Fields choice = Fields.of(node.get(), "tool_choice");
        if (!choice.string("type").orElse("").equals("function")) {
            throw choice.refused("type", "must be \"function\"");
        }
        Fields function = choice.fields("function")
                .orElseThrow(() -> choice.refused("function", "is needed: an object with the name of a tool"));
        return new ToolChoice.Named(
                function.string("name").orElseThrow(() -> function.refused("name", "is needed: a string")));
    }

    /** Refuses a choice that the tools do not allow. */
    static ToolChoice checked(Fields fields, ToolChoice choice, List<Tool> tools) throws ApiException {
        if (choice instanceof ToolChoice.Required && tools.isEmpty()) {
            throw fields.refused("tool_choice", "needs 'tools' to choose from");
        }
        if (choice instanceof ToolChoice.Named(String name)
                && tools.stream().noneMatch(tool -> tool.name().equals(name))) {
            throw fields.refused("tool_choice", "names the function '" + name + "', which is not one of 'tools'");
        }
        return choice;
    }
}
