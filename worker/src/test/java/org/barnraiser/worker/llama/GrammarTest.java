package org.barnraiser.worker.llama;

import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class GrammarTest {
    private static final String JSON = """
                                       root   ::= object # a comment
                                       value  ::= object | array | string | number | ("true" | "false" | "null") ws

                                       object ::=
                                         "{" ws (
                                                   string ":" ws value
                                           ("," ws string ":" ws value)*
                                         )? "}" ws

                                       array  ::=
                                         "[" ws (
                                                   value
                                           ("," ws value)*
                                         )? "]" ws

                                       string ::=
                                         "\\"" (
                                           [^"\\\\\\x7F\\x00-\\x1F] |
                                           "\\\\" (["\\\\bfnrt] | "u" [0-9a-fA-F]{4}) # escapes
                                         )* "\\"" ws

                                       number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9] [1-9]{0,15})? ws
                                       ws ::= | " " | "\\n" [ \\t]{0,20}
                                       """;

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void an_ordinary_grammar_is_read_and_holds(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                SamplerChain chain = model.newSamplerChain()) {
            chain.add(new Sampler.Grammar(JSON, "root"));
            for (int token : model.vocabulary().tokenize("{\"a\":[1,true,{}]}", false, false)) {
                if (!new String(model.vocabulary().piece(token), StandardCharsets.UTF_8).isBlank()) {
                    chain.accept(token);
                }
            }
            chain.accept(model.vocabulary().endToken().orElseThrow());
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void a_text_that_only_llama_cpp_finds_unreadable_is_refused(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                SamplerChain chain = model.newSamplerChain()) {
            assertThatThrownBy(() -> chain.add(new Sampler.Grammar("root ::= <no-such-token>", "root")))
                    .isInstanceOf(SamplerException.class).hasMessage("llama.cpp cannot read the grammar");
            assertThat(chain.size()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"root ::= (\"a\"", "hello", "", "r ::= \"a\"", "root ::= [", "root ::= \"\\",
            "root ::= \"\\q\"", "root ::= \"\\x4\"",
            "root ::= foo",
            "root ::= *", "root ::= \"a\"{3,1}", "root ::= \"a\"{99999999999}", "root ::= \"a\"{,3}",
            "root ::= \"a\" )",
            "root := \"a\"", "root ::= \"a\" ::= \"b\""})
    void what_cannot_be_read_is_refused_without_quoting_it(String text) {
        assertThatThrownBy(() -> GbnfCheck.check(text, "root")).isInstanceOf(SamplerException.class)
                .hasMessageContaining("the grammar").hasMessageNotContaining("hello").hasMessageNotContaining("foo");
    }

    @ParameterizedTest
    @ValueSource(strings = {"root ::= root \"a\" | \"b\"", "root ::= a\na ::= b\nb ::= a", "root ::= (\"\" | \"a\")*",
            "root ::= \"x\" (\"a\"*)*", "root ::= \"x\" e* \"b\"\ne ::= \"a\"*", "root ::= e root\ne ::= \"\"",
            "root ::= ((\"abcdefgh\"{2000}){2000}){2000}", "root ::= \"a\"{900000} \"b\"{900000}"})
    void what_llama_cpp_would_not_survive_is_refused(String text) {
        assertThatThrownBy(() -> GbnfCheck.check(text, "root")).isInstanceOf(SamplerException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {100_000})
    void depth_of_any_kind_is_bounded(int depth) {
        String nested = "root ::= " + "(".repeat(depth) + "\"a\"" + ")".repeat(depth);
        String optional = "root ::= \"x\" " + "e ".repeat(depth) + "\ne ::= \"a\"?";
        String chain = IntStream.range(0, depth / 4).mapToObj(i -> "r" + i + " ::= r" + (i + 1) + "\n")
                .collect(Collectors.joining("", "root ::= r0\n", "r" + depth / 4 + " ::= \"a\"\n"));
        for (String text : new String[]{nested, optional, chain}) {
            assertThatThrownBy(() -> GbnfCheck.check(text, "root")).isInstanceOf(SamplerException.class);
        }
    }

    @Property(tries = 2000)
    void any_text_is_read_or_refused(
            @ForAll @StringLength(max = 60) @CharRange(from = ' ', to = '~') String text) {
        try {
            GbnfCheck.check("root ::= " + text, "root");
        } catch (SamplerException e) {
            assertThat(e).hasMessageContaining("the grammar");
        }
    }
}
