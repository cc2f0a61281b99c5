package org.barnraiser.coordinator.api.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.barnraiser.coordinator.api.answer.AnswerPart;
import org.barnraiser.coordinator.api.answer.PartList;
import org.barnraiser.coordinator.api.answer.PartReader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class CallReaderTest {
    private static final Set<String> NAMES = Set.of("get", "put");

    @ParameterizedTest
    @CsvSource(delimiter = '§', quoteCharacter = '#', textBlock = """
                                                                  HERMES § <tool_call>~{"name": "get", "arguments": {"a": 1}}~</tool_call> § get{"a": 1}
                                                                  HERMES § I look.~<tool_call>{"name":"get","arguments":{}}</tool_call>~<tool_call>{"name":"put","arguments":{"b":"}"}}</tool_call> § I look.~ get{} put{"b":"}"}
                                                                  HERMES § <tool_call>{"arguments": {"a": [1, {}]}, "name": "get"}</tool_call>~ § get{"a": [1, {}]}
                                                                  HERMES § <tool_call>{"name": "get"}</tool_call> § get{}
                                                                  HERMES § <tool_call>{"name": "get", "arguments": "{\\"a\\": 1}"}</tool_call> § get{"a": 1}
                                                                  HERMES § a < b <tool> <tool_cal § a < b <tool> <tool_cal
                                                                  HERMES § <tool_call>never mind § <tool_call>never mind
                                                                  HERMES § <tool_call>{"title": 1}</tool_call> § <tool_call>{"title": 1}</tool_call>
                                                                  HERMES § {"name": "get", "arguments": {}} § {"name": "get", "arguments": {}}
                                                                  HERMES § <tool_call>{"name": "get", "arguments": {"a": § get{"a":
                                                                  LLAMA § {"name": "get", "parameters": {"a": "x"}} § get{"a": "x"}
                                                                  LLAMA § <|python_tag|>{"type": "function", "name": "get", "parameters": {}} § get{}
                                                                  LLAMA § {"name": "get", "parameters": {}}; {"name": "put", "parameters": {}} § get{} put{}
                                                                  LLAMA § {"name": "Ann", "age": 3} § {"name": "Ann", "age": 3}
                                                                  LLAMA § {"recipe": {"name": "get"}} § {"recipe": {"name": "get"}}
                                                                  LLAMA § Use {"name": "get", "parameters": {}} § Use {"name": "get", "parameters": {}}
                                                                  MISTRAL § [TOOL_CALLS][{"name": "get", "arguments": {"a": 1}}, {"name": "put", "arguments": {}}] § get{"a": 1} put{}
                                                                  MISTRAL § [TOOL_CALLS] [{"name": "get", "arguments": {}, "id": "123456789"}] § get{}
                                                                  MISTRAL_NAMED § [TOOL_CALLS]get[ARGS]{"a": {}}[TOOL_CALLS]put{"b": 2} § get{"a": {}} put{"b": 2}
                                                                  GRANITE § <|tool_call|>[{"name": "get", "arguments": {}}] § get{}
                                                                  FUNCTION § <function=get>{"a": 1}</function><function=put>{}</function> § get{"a": 1} put{}
                                                                  DEEPSEEK § <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get~```json~{"a": 1}~```<｜tool▁call▁end｜><｜tool▁calls▁end｜> § get{"a": 1}
                                                                  DEEPSEEK_PLAIN § Hm. <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get<｜tool▁sep｜>{"a": 1}<｜tool▁call▁end｜><｜tool▁call▁begin｜>put<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜> § Hm.  get{"a": 1} put{}
                                                                  GENERIC § {"name": "put", "arguments": {"x": null}} § put{"x": null}
                                                                  """)
    void each_family_s_calls_are_found(CallStyle style, String written, String expected) {
        List<AnswerPart> parts = read(style, List.of(written.replace('~', '\n')));

        assertThat(shown(parts)).isEqualTo(expected.replace('~', '\n'));
    }

    @Property(tries = 500)
    void any_cut_gives_what_the_whole_gives(@ForAll CallStyle style, @ForAll("texts") List<String> pieces) {
        String whole = String.join("", pieces);

        assertThat(read(style, pieces)).isEqualTo(read(style, List.of(whole)))
                .isEqualTo(read(style, whole.chars().mapToObj(c -> String.valueOf((char) c)).toList()));
    }

    @Property(tries = 500)
    void text_without_a_marker_is_lost_nowhere(@ForAll CallStyle style, @ForAll("words") List<String> pieces) {
        assertThat(shown(read(style, pieces))).isEqualTo(String.join("", pieces));
    }

    @Provide
    Arbitrary<List<String>> texts() {
        List<String> pieces = new ArrayList<>(List.of("<tool_", "{\"name\": \"get\", \"arguments\": {",
                "\"a\": \"}\\\"\"",
                "}", "}", "{", "[", "]", "\"", "\\", ",", ";", "\n", " ", "get", "name", ":", "<", "call>", "function",
                "[ARGS]", "<｜tool▁sep｜>", "```json", "text", "\"arguments\": \"{}\"", "é", "🌾"));
        for (CallStyle style : CallStyle.values()) {
            pieces.addAll(style.markers());
        }
        return Arbitraries.of(pieces).list().ofMaxSize(14);
    }

    @Provide
    Arbitrary<List<String>> words() {
        return Arbitraries.of("a", " ", "\n", "<", "<tool", "[TOOL", ">", "]", "call", "|", "[", "\"", ",", "｜", "é")
                .list().ofMaxSize(14);
    }

    private static List<AnswerPart> read(CallStyle style, List<String> pieces) {
        int[] ids = {0};
        PartReader reader = new CallReader(style, NAMES, () -> "id" + ids[0]++);
        PartList all = new PartList();
        pieces.forEach(piece -> reader.push(piece).forEach(all::add));
        reader.finish().forEach(all::add);
        return all.take();
    }

    /** Text, and calls with a space before them. */
    private static String shown(List<AnswerPart> parts) {
        String joined = parts.stream().map(part -> switch (part) {
            case AnswerPart.Text(String text) -> text;
            case AnswerPart.Reasoning(String text) -> text;
            case AnswerPart.CallBegin(int index, String id, String name) -> {
                assertThat(id).isEqualTo("id" + index);
                yield " " + name;
            }
            case AnswerPart.CallArguments(_, String fragment) -> fragment;
        }).collect(Collectors.joining());
        return !parts.isEmpty() && parts.getFirst() instanceof AnswerPart.CallBegin ? joined.strip() : joined;
    }
}
