package org.barnraiser.coordinator.api.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Every word of a schema's grammar satisfies the schema, as a library of validators sees it; or the schema is refused by name. */
class SchemaCoverageTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int WORDS = 150;
    private static final JsonSchemaFactory VALIDATORS = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

    static Stream<String> supported() {
        return lines("/schemas/supported.jsonl");
    }

    static Stream<String> refused() {
        return lines("/schemas/refused.jsonl");
    }

    private static Stream<String> lines(String resource) {
        try (InputStream in = SchemaCoverageTest.class.getResourceAsStream(resource)) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(line -> !line.isBlank())
                    .toList().stream();
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    @ParameterizedTest
    @MethodSource("supported")
    void every_strict_answer_satisfies_its_schema(String schema) throws Exception {
        JsonNode node = JSON.readTree(schema);
        Grammar grammar = GrammarBuilder.of(node, true);
        JsonSchema validator = VALIDATORS.getSchema(node, SchemaValidatorsConfig.builder()
                // The library looks for addresses among the top-level domains of its day.
                .formatAssertionsEnabled(!schema.contains("email")).build());
        RandomWords words = new RandomWords(grammar, 7);
        for (int i = 0; i < WORDS; i++) {
            String word = words.next();
            assertThat(validator.validate(JSON.readTree(word))).as("%s\n%s", word, grammar.gbnf()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("refused")
    void what_cannot_be_held_to_is_refused_by_name(String line) throws Exception {
        JsonNode node = JSON.readTree(line);

        assertThatThrownBy(() -> GrammarBuilder.of(node.get("schema"), true))
                .isInstanceOf(UnsupportedSchemaException.class).hasMessageContaining(node.get("names").asText());
    }

    /** Nobody insists: what cannot be held to is passed over. */
    @ParameterizedTest
    @MethodSource("supported")
    void a_schema_that_is_not_strict_has_a_grammar_too(String schema) {
        assertThatCode(() -> GrammarBuilder.of(JSON.readTree(schema), false)).doesNotThrowAnyException();
    }

    @Test
    void there_are_more_than_a_hundred_schemas() {
        assertThat(List.of(supported().count(), refused().count())).allMatch(count -> count > 30);
        assertThat(supported().count()).isGreaterThan(100);
    }
}
