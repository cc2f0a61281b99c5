package org.barnraiser.coordinator.api.contract;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The OpenAPI 3.1 document of a server. */
public final class OpenApiDocument {
    /** Javalin's {@code {name}} within a segment, and {@code <name>} of several. */
    private static final Pattern PARAMETER = Pattern.compile("[{<](\\w+)[}>]");

    private OpenApiDocument() {}

    /**
     * Describes these routes, and in detail those that have a contract.
     *
     * @param rights by method and path, the role that a route takes
     */
    public static ObjectNode of(Map<String, Optional<String>> rights, List<Contract> contracts) {
        Map<String, Contract> detailed = new HashMap<>();
        contracts.forEach(contract -> detailed.put("POST " + contract.path(), contract));
        ObjectNode document = JsonNodeFactory.instance.objectNode().put("openapi", "3.1.0");
        document.putObject("info").put("title", "Barnraiser").put("version", "1")
                .put("description", "One large open-weight language model, hosted by the machines of a community.")
                .putObject("license").put("name", "Apache-2.0").put("identifier", "Apache-2.0");
        ObjectNode paths = document.putObject("paths");
        new TreeMap<>(rights).forEach((route, role) -> {
            int space = route.indexOf(' ');
            String path = PARAMETER.matcher(route.substring(space + 1)).replaceAll("{$1}");
            ObjectNode operation = paths.withObjectProperty(path)
                    .putObject(route.substring(0, space).toLowerCase(Locale.ROOT));
            Contract contract = detailed.get(route);
            operation.put("summary", contract == null ? route : contract.summary());
            operation.put("x-role", role.orElse("anybody"));
            parameters(operation, path);
            if (contract != null) {
                body(operation, contract);
            }
            responses(operation);
            if (role.isEmpty()) {
                operation.putArray("security");
            }
        });
        ObjectNode schemes = document.putObject("components").putObject("securitySchemes");
        schemes.putObject("bearer").put("type", "http").put("scheme", "bearer");
        schemes.putObject("apiKey").put("type", "apiKey").put("in", "header").put("name", "x-api-key");
        ArrayNode security = document.putArray("security");
        security.addObject().putArray("bearer");
        security.addObject().putArray("apiKey");
        // Programs on the server's own machine need no key as long as there is none.
        security.addObject();
        return document;
    }

    private static void parameters(ObjectNode operation, String path) {
        Matcher parameter = PARAMETER.matcher(path);
        while (parameter.find()) {
            operation.withArrayProperty("parameters").addObject().put("name", parameter.group(1)).put("in", "path")
                    .put("required", true).putObject("schema").put("type", "string");
        }
    }

    private static void body(ObjectNode operation, Contract contract) {
        ObjectNode content = operation.putObject("requestBody").put("required", true).putObject("content")
                .putObject("application/json");
        ObjectNode properties = content.putObject("schema").put("type", "object").putObject("properties");
        for (FieldContract field : contract.fields()) {
            if (field.support() != Support.REFUSED) {
                ObjectNode schema = field.schema().deepCopy();
                properties.set(field.name(), schema.put("description", field.support() == Support.IGNORED
                        ? "Ignored: " + field.note()
                        : field.note()));
            }
        }
        content.set("example", contract.example());
    }

    private static void responses(ObjectNode operation) {
        ObjectNode responses = operation.putObject("responses");
        responses.putObject("200").put("description", "what was asked for");
        responses.putObject("default").put("description", "an error, in the form that clients of the path expect");
    }
}
