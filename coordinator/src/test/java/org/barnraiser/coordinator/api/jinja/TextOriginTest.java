package org.barnraiser.coordinator.api.jinja;

import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class TextOriginTest {

    /** In the expected text the reader's characters stand in upper case, as in the reader's own text. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '#', value = {"a{{ t }}b; aXX YYb", "{{ 'a' ~ t ~ 'b' }};aXX YYb",
            "{{ (' ' + t + ' ') | trim }};XX YY", "{{ t.split(' ')[1] ~ 'a' }};YYa",
            "{{ t | replace(' ', '-') }};XX-YY",
            "{{ 'a b' | replace(' ', t) }};aXX YYb", "{{ t[1:4] ~ 'z' }};X Yz", "{{ t[::-1] }};YY XX",
            "{{ [t, 'a'] | join(',') }};XX YY,a",
            "{{ 'ab' | replace('b', t) | list | join }};aXX YY", "{{ [t] | tojson }};[\"XX YY\"]",
            "{{ {'k': t} }};{'k': 'XX YY'}",
            "{{ t.rsplit(' ', 1)[0] ~ 'q' }};XXq", "{{ (t ~ 'abc').strip('acX') }}; YYab",
            "{% set u %}a{{ t }}{% endset %}{{ u }};aXX YY",
            "{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(t) }};<XX YY>",
            "{% for c in t %}{{ c }}.{% endfor %};X.X. .Y.Y.", "{{ t | indent(2, true) }};  XX YY"})
    void each_character_remembers_who_wrote_it(String source, String expected) {
        Text result = Template.parse(source).render(Map.of("t", Text.fromReader("XX YY")), new Budget(10_000, 10_000),
                ZonedDateTime.now(ZoneOffset.UTC));

        assertThat(result.string().strip()).isEqualTo(expected.strip());
        for (int i = 0; i < result.length(); i++) {
            char c = result.string().charAt(i);
            if (Character.isLetter(c)) {
                assertThat(result.isFromReader(i)).as("origin of '%s' at %d", c, i).isEqualTo(Character.isUpperCase(c));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"upper", "lower", "title", "capitalize", "escape", "string", "safe"})
    void filters_keep_the_origin(String filter) {
        Map<String, Value> variables = new LinkedHashMap<>(Map.of("t", Text.fromReader("<b>")));
        variables.put("list", Value.sequence(List.of()));
        Text result = Template.parse("{{ t | " + filter + " }}").render(variables, new Budget(1000, 1000),
                ZonedDateTime.now(ZoneOffset.UTC));

        assertThat(result.endOfRun(0)).isEqualTo(result.length());
        assertThat(result.isFromReader(0)).isTrue();
    }
}
