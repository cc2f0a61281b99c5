package org.barnraiser.coordinator.api.jinja;

import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(20)
class HostileTemplateTest {

    @ParameterizedTest
    @ValueSource(strings = {"{% for a in range(1000000000000) %}x{% endfor %}",
            "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}{% endfor %}{% endfor %}{% endfor %}",
            "{% set ns = namespace(s='xxxxxxxxxxxxxxxx') %}{% for a in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
            "{% set ns = namespace(s='x') %}{% for a in range(100) %}{% set ns.s = ns.s * 1000000 %}{% endfor %}",
            "{% set ns = namespace(s='xx') %}{% for a in range(100) %}{% set ns.s = ns.s | replace('x', ns.s) %}{% endfor %}",
            "{% set ns = namespace(s='xx') %}{% for a in range(100) %}{% set ns.s = ns.s | tojson | tojson %}{% endfor %}",
            "{% set ns = namespace(s=[1]) %}{% for a in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
            "{% set ns = namespace(s=[1]) %}{% for a in range(100) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}",
            "{% set ns = namespace(s=[1], t=[1]) %}{% for a in range(100) %}{% set ns.s = [ns.s, ns.s] %}{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.s == ns.t }}",
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
            "{{ 'x' | indent(1000000000) | indent(1000000000) * 1000000000 }}",
            "{{ range(100000000) | map('string') | join('x' * 100000) }}"})
    void a_template_that_never_ends_is_stopped(String source) {
        assertThatThrownBy(() -> render(source)).isInstanceOf(TemplateException.OverBudget.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[", "{{ not ", "-", "{'a':"})
    void a_template_that_is_nested_too_deep_is_refused(String opening) {
        assertThatThrownBy(() -> Template.parse("{{ " + opening.repeat(50_000)))
                .isInstanceOf(TemplateException.class);
    }

    @Test
    void blocks_that_are_nested_too_deep_are_refused() {
        assertThatThrownBy(() -> Template.parse("{% if a %}".repeat(10_000))).hasMessageContaining("nested");
        assertThatThrownBy(() -> render("{{ " + "1 + ".repeat(50_000) + "1 }}"))
                .isInstanceOf(TemplateException.OverBudget.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{ ''.__class__ }}", "{{ ''.class }}", "{{ ''.getClass }}", "{{ messages.class }}",
            "{{ range.__globals__ }}", "{{ namespace.class }}", "{{ [].stream }}", "{{ self }}",
            "{{ ____int3rpr3t3r____ }}",
            "{{ 3.bytes }}", "{{ {}.class }}"})
    void nothing_of_java_is_in_reach(String source) {
        assertThat(render(source)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{ ''.getClass() }}", "{{ ''.class.forName('java.lang.Runtime') }}", "{{ [].append(1) }}",
            "{{ {}.update({}) }}", "{% include 'x' %}", "{% import 'x' as x %}", "{% extends 'x' %}",
            "{{ x | unknown }}",
            "{{ x is unknown }}", "{{ x.y }}", "{{ 1 / 0 }}", "{{ 9223372036854775807 + 1 }}", "{{ 'a' + 1 }}",
            "{{ 'a' < 1 }}", "{{ {[1]: 2} }}", "{% set messages.x = 1 %}", "{{ 'a'.split('') }}", "{{ [1][::0] }}",
            "{{ range(1, 2, 0) }}", "{% for a, b in [1] %}{% endfor %}", "{{ none() }}", "{{ undefined_function() }}",
            "{{ namespace() | tojson }}", "{{ 5 | items }}", "{% for a in 5 %}{% endfor %}"})
    void what_makes_no_sense_is_refused_with_a_sentence(String source) {
        assertThatThrownBy(() -> render(source)).isExactlyInstanceOf(TemplateException.class)
                .hasMessageStartingWith("the chat template");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{", "{%", "{#", "{{ 'a }}", "{{ a", "{% if a %}", "{% for x in y %}", "{% endif %}",
            "{% if %}{% endif %}", "{{ }}", "{{ a b }}", "{{ a. }}", "{{ a[ }}", "{{ @ }}", "{% set %}",
            "{% set a.b.c = 1 %}",
            "{{ '\\uD' }}", "{{ 99999999999999999999 }}", "{% raw %}", "{% for x y %}", "{% macro %}", "{{ {1} }}",
            "{{ f(a=) }}", "{{ a | }}", "{{ a is }}", "{% generation %}"})
    void a_template_that_is_not_valid_is_refused_with_its_line(String source) {
        assertThatThrownBy(() -> Template.parse("first line\n" + source)).isExactlyInstanceOf(TemplateException.class)
                .hasMessageContaining("line 2");
    }

    @Test
    void a_very_long_template_is_refused() {
        assertThatThrownBy(() -> Template.parse("x".repeat(1 << 20))).hasMessageContaining("1048576 characters");
    }

    private static String render(String source) {
        return Template.parse(source)
                .render(Map.of("messages", Value.mapping(Map.of())), new Budget(1_000_000, 10_000_000),
                        ZonedDateTime.now(ZoneOffset.UTC))
                .string();
    }
}
