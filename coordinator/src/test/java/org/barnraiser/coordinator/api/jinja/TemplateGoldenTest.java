package org.barnraiser.coordinator.api.jinja;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Renders templates in the constructs of the families that people run, and compares with what Jinja 3.1 renders (with the
 * settings of transformers: immutable sandbox, trim_blocks, lstrip_blocks, loopcontrols, json.dumps as tojson).
 */
class TemplateGoldenTest {
    private static final ZonedDateTime NOW = ZonedDateTime.of(2026, 11, 5, 9, 7, 3, 0, ZoneOffset.UTC);

    @ParameterizedTest(name = "{0} of {1}")
    @CsvSource({"chatml,plain", "chatml,no_system", "chatml,tools", "llama3,plain", "llama3,no_system", "llama3,tools",
            "qwen3,plain", "qwen3,no_system", "qwen3,tools", "gemma,plain", "gemma,no_system", "gemma,tools",
            "mistral,plain", "mistral,no_system", "mistral,tools", "phi,plain", "phi,no_system", "phi,tools",
            "deepseek,plain", "deepseek,no_system", "deepseek,tools", "macros,plain", "macros,no_system",
            "macros,tools"})
    void a_template_renders_as_jinja_does(String template, String conversation) throws IOException {
        JsonNode conversations = new ObjectMapper().readTree(resource("conversations.json"));
        Map<String, Value> variables = new LinkedHashMap<>();
        conversations.get(conversation).properties()
                .forEach(entry -> variables.put(entry.getKey(), value(entry.getValue())));

        assertThat(render(resource(template + ".jinja"), variables))
                .isEqualTo(resource(template + "." + conversation + ".golden"));
    }

    private static String render(String template, Map<String, Value> variables) {
        try {
            return Template.parse(template).render(variables, new Budget(100_000, 1_000_000), NOW).string();
        } catch (TemplateException.Raised refusal) {
            return "RAISED " + refusal.getMessage();
        }
    }

    private static Value value(JsonNode node) {
        if (node.isArray()) {
            List<Value> items = new ArrayList<>();
            node.forEach(item -> items.add(value(item)));
            return Value.sequence(items);
        }
        if (node.isObject()) {
            Map<String, Value> entries = new LinkedHashMap<>();
            node.properties().forEach(entry -> entries.put(entry.getKey(), value(entry.getValue())));
            return Value.mapping(entries);
        }
        if (node.isTextual()) {
            return Text.fromReader(node.textValue());
        }
        if (node.isBoolean()) {
            return Value.of(node.booleanValue());
        }
        if (node.isIntegralNumber()) {
            return Value.of(node.longValue());
        }
        return node.isNumber() ? new Value.Real(node.doubleValue()) : Value.None.VALUE;
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = TemplateGoldenTest.class.getResourceAsStream(name)) {
            assertThat(in).as(name).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
