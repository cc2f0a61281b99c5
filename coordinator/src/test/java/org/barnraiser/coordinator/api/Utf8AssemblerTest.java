package org.barnraiser.coordinator.api;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class Utf8AssemblerTest {

    @Property
    void any_cut_of_a_string_gives_the_string(@ForAll("texts") String text,
            @ForAll List<@IntRange(min = 0, max = 5) Integer> cuts) {
        assertThat(assemble(text.getBytes(StandardCharsets.UTF_8), cuts)).isEqualTo(text);
    }

    @Property
    void any_cut_of_any_bytes_gives_what_the_whole_gives(@ForAll byte[] bytes,
            @ForAll List<@IntRange(min = 0, max = 5) Integer> cuts) {
        assertThat(assemble(bytes, cuts)).isEqualTo(new String(bytes, StandardCharsets.UTF_8));
    }

    @Test
    void a_character_is_shown_with_its_last_byte_and_not_before() {
        Utf8Assembler assembler = new Utf8Assembler();
        byte[] euro = "\u20AC".getBytes(StandardCharsets.UTF_8);

        assertThat(assembler.push(Arrays.copyOf(euro, 2))).isEmpty();
        assertThat(assembler.push(Arrays.copyOfRange(euro, 2, 3))).isEqualTo("\u20AC");
    }

    @Test
    void bytes_that_cannot_become_a_character_are_replaced_at_once() {
        Utf8Assembler assembler = new Utf8Assembler();

        assertThat(assembler.push(new byte[]{(byte) 0xE2, 'a'})).isEqualTo("\uFFFDa");
        assertThat(assembler.finish()).isEmpty();
    }

    /** Cuts off as many bytes as each number says, and then the rest. */
    private static String assemble(byte[] bytes, List<Integer> cuts) {
        Utf8Assembler assembler = new Utf8Assembler();
        StringBuilder text = new StringBuilder();
        int from = 0;
        for (int cut : cuts) {
            int to = Math.min(bytes.length, from + cut);
            text.append(assembler.push(Arrays.copyOfRange(bytes, from, to)));
            from = to;
        }
        text.append(assembler.push(Arrays.copyOfRange(bytes, from, bytes.length)));
        return text.append(assembler.finish()).toString();
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of("a", "\u00E9", "\u20AC", "\uD83D\uDE00", "\n", "\u0000").list().ofMaxSize(20)
                .map(characters -> String.join("", characters));
    }
}
