package org.barnraiser.coordinator.api.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.barnraiser.coordinator.api.answer.AnswerPart;
import org.barnraiser.coordinator.api.answer.PartList;
import org.barnraiser.coordinator.api.reasoning.ThoughtMarks;
import org.barnraiser.coordinator.api.reasoning.ThoughtReader;
import org.barnraiser.coordinator.api.schema.Grammar;
import org.barnraiser.coordinator.api.schema.RandomWords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class CallGrammarTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int WORDS = 100;
    private static final Map<String, String> SCHEMAS = Map.of("get",
            "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"},\"days\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":7}},\"required\":[\"city\"],\"additionalProperties\":false}",
            "put",
            "{\"type\":\"object\",\"properties\":{\"tree\":{\"$ref\":\"#/$defs/t\"}},\"required\":[\"tree\"],\"$defs\":{\"t\":{\"type\":\"object\",\"properties\":{\"sub\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/t\"}},\"mark\":{\"enum\":[\"<tool_call>\",\"}\"]}}}}}");

    @ParameterizedTest
    @EnumSource(CallStyle.class)
    void what_a_forced_choice_allows_is_read_as_calls_that_satisfy_the_schemas(CallStyle style) throws Exception {
        RandomWords words = new RandomWords(grammar(style, new ToolChoice.Required(), true, Optional.empty()), 3);
        for (int i = 0; i < WORDS; i++) {
            String word = words.next();
            assertThat(calls(style, word)).as(word).isNotEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(CallStyle.class)
    void a_named_choice_allows_one_call_of_that_name(CallStyle style) throws Exception {
        RandomWords words = new RandomWords(grammar(style, new ToolChoice.Named("put"), true, Optional.empty()), 4);
        for (int i = 0; i < WORDS; i++) {
            assertThat(calls(style, words.next())).containsExactly("put");
        }
    }

    @ParameterizedTest
    @EnumSource(CallStyle.class)
    void where_calls_are_not_parallel_there_is_one(CallStyle style) throws Exception {
        RandomWords words = new RandomWords(grammar(style, new ToolChoice.Required(), false, Optional.empty()), 5);
        for (int i = 0; i < WORDS; i++) {
            assertThat(calls(style, words.next())).hasSize(1);
        }
    }

    /** Text goes as it likes, but once a call begins it must be right. */
    @ParameterizedTest
    @EnumSource(value = CallStyle.class, names = {"LLAMA", "GENERIC"}, mode = EnumSource.Mode.EXCLUDE)
    void a_free_choice_allows_text_and_only_right_calls(CallStyle style) throws Exception {
        Grammar grammar = grammar(style, new ToolChoice.Auto(), true, Optional.empty());
        String opener = style.silent().isEmpty() ? style.openers().getFirst() : style.silent().getFirst();

        assertThat(Acceptor.accepts(grammar, "Hello <tool [TOOL é <｜tool")).isTrue();
        assertThat(Acceptor.accepts(grammar, "")).isTrue();
        assertThat(Acceptor.accepts(grammar, opener.substring(0, opener.length() - 1))).isTrue();
        assertThat(Acceptor.accepts(grammar, "x" + opener.charAt(0) + opener + "nonsense")).isFalse();
        String call = new RandomWords(grammar(style, new ToolChoice.Required(), true, Optional.empty()), 9).next();
        assertThat(Acceptor.accepts(grammar, call)).isTrue();
        assertThat(Acceptor.accepts(grammar, "I look: " + call)).isTrue();
    }

    @Test
    void a_thinking_model_may_think_before_a_forced_call() throws Exception {
        Grammar grammar = grammar(CallStyle.HERMES, new ToolChoice.Required(), false,
                Optional.of(ThoughtMarks.common()));
        String call = "<tool_call>\n{\"name\": \"get\", \"arguments\": {\"city\":\"x\"}}\n</tool_call>";

        assertThat(Acceptor.accepts(grammar, call)).isTrue();
        assertThat(Acceptor.accepts(grammar, "<think>hm</think>\n" + call)).isTrue();
        assertThat(Acceptor.accepts(grammar, "hm</think>\n" + call)).isTrue();
        assertThat(Acceptor.accepts(grammar, "<think>hm</think>\n")).isFalse();
        assertThat(Acceptor.accepts(grammar, "hm")).isFalse();
    }

    @Test
    void a_strict_tool_that_cannot_be_held_to_is_refused_by_name() throws Exception {
        Tool tool = new Tool("tools[0].function.parameters", "f", "",
                JSON.readTree("{\"type\":\"object\",\"not\":{}}"), true);

        for (CallStyle style : CallStyle.values()) {
            assertThatThrownBy(() -> CallGrammar.of(style, new ToolUse(List.of(tool), new ToolChoice.Auto(), true),
                    Optional.empty())).isInstanceOf(CallGrammar.UnsupportedToolException.class)
                    .hasMessageContaining("'f'").hasMessageContaining("'not'");
        }
    }

    private static Grammar grammar(CallStyle style, ToolChoice choice, boolean parallel,
            Optional<ThoughtMarks> thoughts) throws Exception {
        List<Tool> tools = SCHEMAS.entrySet().stream().sorted(Map.Entry.comparingByKey())
                .map(entry -> new Tool("tools", entry.getKey(), "", json(entry.getValue()), true)).toList();
        return CallGrammar.build(style, new ToolUse(tools, choice, parallel), thoughts).orElseThrow();
    }

    /** The names of the tools that are called, whose arguments are checked. */
    private static List<String> calls(CallStyle style, String word) {
        ThoughtReader reader = new ThoughtReader(ThoughtMarks.common(), false, style.openers(),
                new CallReader(style, Set.copyOf(SCHEMAS.keySet()), () -> "id"));
        PartList parts = new PartList();
        word.chars().forEach(c -> reader.push(String.valueOf((char) c)).forEach(parts::add));
        reader.finish().forEach(parts::add);
        Map<Integer, String> names = new HashMap<>();
        Map<Integer, String> arguments = new HashMap<>();
        for (AnswerPart part : parts.take()) {
            switch (part) {
                case AnswerPart.CallBegin(int index, _, String name) -> names.put(index, name);
                case AnswerPart.CallArguments(int index, String fragment) ->
                    arguments.merge(index, fragment, String::concat);
                case AnswerPart.Text(String text) -> assertThat(text).as(word).isBlank();
                case AnswerPart.Reasoning(String text) -> assertThat(text).as(word).isNull();
            }
        }
        names.forEach((index, name) -> {
            JsonSchema schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(SCHEMAS.get(name));
            assertThat(schema.validate(json(arguments.getOrDefault(index, "")))).as(word).isEmpty();
        });
        return names.entrySet().stream().sorted(Map.Entry.comparingByKey()).map(Map.Entry::getValue).toList();
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException invalid) {
            throw new AssertionError(text, invalid);
        }
    }
}
