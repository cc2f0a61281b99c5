package org.barnraiser.coordinator.api;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StopMatcherTest {

    @Property
    void any_cut_of_any_text_gives_what_the_whole_text_gives(@ForAll("chunks") List<String> chunks,
            @ForAll("stops") List<String> stops) {
        StopMatcher matcher = new StopMatcher(stops);
        StringBuilder shown = new StringBuilder();
        for (String chunk : chunks) {
            shown.append(matcher.push(chunk));
        }
        boolean matched = matcher.matched();
        shown.append(matcher.finish());

        String text = String.join("", chunks);
        assertThat(shown.toString()).isEqualTo(cutAtFirstStop(text, stops));
        assertThat(matched).isEqualTo(stops.stream().anyMatch(text::contains));
    }

    @Property
    void only_what_may_become_a_stop_is_held_back(@ForAll("chunks") List<String> chunks,
            @ForAll("stops") List<String> stops) {
        StopMatcher matcher = new StopMatcher(stops);
        StringBuilder text = new StringBuilder();
        StringBuilder shown = new StringBuilder();
        for (String chunk : chunks) {
            text.append(chunk);
            shown.append(matcher.push(chunk));
            if (!matcher.matched()) {
                String held = text.substring(shown.length());
                assertThat(held.isEmpty() || stops.stream().anyMatch(stop -> stop.startsWith(held))).isTrue();
            }
        }
    }

    @Test
    void the_stop_that_is_complete_first_wins() {
        StopMatcher matcher = new StopMatcher(List.of("abcd", "bc"));

        assertThat(matcher.push("xabcd")).isEqualTo("xa");
        assertThat(matcher.matched()).isTrue();
        assertThat(matcher.push("more")).isEmpty();
    }

    /** The stop that ends first, and of those the longest, found by looking at every end. */
    private static String cutAtFirstStop(String text, List<String> stops) {
        for (int end = 1; end <= text.length(); end++) {
            String upToEnd = text.substring(0, end);
            int longest = stops.stream().filter(upToEnd::endsWith).mapToInt(String::length).max().orElse(0);
            if (longest > 0) {
                return text.substring(0, end - longest);
            }
        }
        return text;
    }

    @Provide
    Arbitrary<List<String>> chunks() {
        return Arbitraries.strings().withChars("ab\u00E9").ofMaxLength(6).list().ofMaxSize(12);
    }

    @Provide
    Arbitrary<List<String>> stops() {
        return Arbitraries.strings().withChars("ab\u00E9").ofMinLength(1).ofMaxLength(5).list().ofMaxSize(4);
    }
}
