package org.barnraiser.worker.stage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class GrammarCheckTest {
    @ParameterizedTest
    @ValueSource(strings = {"root ::= \"a\"", "root ::= [a-z]+ | [^\\n\\x41\\u0042-\\U00000043]* # comment\n",
            "root ::= (\n \"a\" |\n item{2,3} )\nitem ::= \"\\\"\" .{,4} \"b\"{2} \"c\"{1,}", "# empty\n\nroot ::=",
            "root ::= list\nlist ::= \"x\" list | \"\"", "root ::= a\r\na ::= [-a] [a-]",
            "root ::= \"(((\" ([{(]) a-1\na-1 ::= \"#\""})
    void grammars_that_llama_cpp_reads_pass(String grammar) {
        assertThatCode(() -> GrammarCheck.check(grammar)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
                                                                  root ::= (                          ~ ")" is expected
                                                                  root ::= "a                         ~ ends within
                                                                  root ::= [a                         ~ ends within
                                                                  root ::= *                          ~ nothing to repeat
                                                                  root ::= "a"{                       ~ number
                                                                  root ::= "a"{0,-5}                  ~ number
                                                                  root ::= "a"{3,2}                   ~ before its start
                                                                  root ::= "a"{2001}                  ~ more than 2000
                                                                  root ::= "a"{99999999999999999999}  ~ more than 2000
                                                                  root ::= "\\q"                      ~ escape
                                                                  root ::= "\\x4"                     ~ hexadecimal
                                                                  root ::= "a" )                      ~ end with its line
                                                                  root = "a"                          ~ "::="
                                                                  other ::= "a"                       ~ no rule named root
                                                                  root ::= missing                    ~ does not define
                                                                  root ::= root "a"                   ~ begin with itself
                                                                  root ::= ("a"?)*                    ~ begin with itself
                                                                  root ::= ""* "a"                    ~ begin with itself
                                                                  """)
    void grammars_that_llama_cpp_cannot_use_are_refused(String grammar, String reason) {
        assertThatThrownBy(() -> GrammarCheck.check(grammar)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void left_recursion_through_other_rules_is_refused() {
        assertThatThrownBy(() -> GrammarCheck.check("root ::= a\na ::= b? c\nb ::= \"b\"\nc ::= a"))
                .hasMessageContaining("begin with itself");
    }

    @Test
    void grammars_that_would_exhaust_llama_cpp_are_refused() {
        assertThatThrownBy(() -> GrammarCheck.check("root ::= " + "(".repeat(200) + "\"a\"" + ")".repeat(200)))
                .hasMessageContaining("nested deeper");
        assertThatThrownBy(() -> GrammarCheck.check("root ::= " + "\"a\"{2000} ".repeat(30)))
                .hasMessageContaining("sum to more");
        assertThatThrownBy(() -> GrammarCheck.check("#".repeat(GrammarCheck.MAX_CHARS + 1)))
                .hasMessageContaining("characters");
    }

    @Test
    void a_chain_of_many_rules_needs_no_deep_stack() {
        var grammar = new StringBuilder("root ::= r0\n");
        for (int i = 0; i < 9_000; i++) {
            grammar.append("r").append(i).append(" ::= ").append(i == 8_999 ? "\"a\"" : "r" + (i + 1)).append('\n');
        }
        assertThatCode(() -> GrammarCheck.check(grammar.toString())).doesNotThrowAnyException();
    }
}
