package org.barnraiser.coordinator.api.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A function that a model may call.
 *
 * @param param how the request names it, for errors
 * @param parameters the JSON schema of its arguments
 * @param strict whether arguments must satisfy every keyword of the schema
 */
public record Tool(String param, String name, String description, JsonNode parameters, boolean strict) {

    /** As OpenAI writes it, and chat templates expect it. */
    public ObjectNode toJson() {
        ObjectNode function = JsonNodeFactory.instance.objectNode().put("name", name);
        if (!description.isEmpty()) {
            function.put("description", description);
        }
        function.set("parameters", parameters);
        ObjectNode tool = JsonNodeFactory.instance.objectNode().put("type", "function");
        tool.set("function", function);
        return tool;
    }
}
