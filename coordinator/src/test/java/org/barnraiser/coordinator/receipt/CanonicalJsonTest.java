package org.barnraiser.coordinator.receipt;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class CanonicalJsonTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void members_stand_in_the_order_of_utf_16_as_in_the_example_of_rfc_8785() throws Exception {
        String json = """
                      {"\\u20ac": "Euro Sign", "\\r": "Carriage Return", "\\ufb33": "Hebrew Letter Dalet With Dagesh",
                       "1": "One", "\\ud83d\\ude00": "Emoji: Grinning Face", "\\u0080": "Control",
                       "\\u00f6": "Latin Small Letter O With Diaeresis"}""";
        assertThat(canonical(json)).isEqualTo("{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
                + "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"\ud83d\ude00\":\"Emoji: Grinning Face\","
                + "\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}");
    }

    @Test
    void strings_have_the_shortest_escapes_and_nothing_has_spaces() throws Exception {
        assertThat(canonical("[ \"\\u0041\\/\\u000f\\n\\\"\\\\\", true , null, -0, 9007199254740991, {} ]"))
                .isEqualTo("[\"A/\\u000f\\n\\\"\\\\\",true,null,0,9007199254740991,{}]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5", "1e300", "9007199254740992", "-9007199254740992", "99999999999999999999",
            "\"\\ud800\""})
    void what_two_programs_might_write_differently_is_refused(String json) {
        assertThatThrownBy(() -> canonical(json)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void nothing_is_nested_without_end() {
        var deep = JsonNodeFactory.instance.arrayNode();
        for (int depth = 0; depth < 100; depth++) {
            deep = JsonNodeFactory.instance.arrayNode().add(deep);
        }
        var tooDeep = deep;
        assertThatThrownBy(() -> CanonicalJson.of(tooDeep)).isInstanceOf(IllegalArgumentException.class);
    }

    private static String canonical(String json) throws Exception {
        return new String(CanonicalJson.of(JSON.readTree(json)), StandardCharsets.UTF_8);
    }
}
