package org.barnraiser.coordinator.api.reasoning;

import java.util.List;
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

class ThoughtReaderTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '#', emptyValue = "", textBlock = """
                                                                                   false | <think>~hm, well~</think>~~Yes.       | (hm, well)Yes.
                                                                                   false | Yes, <think> so                       | Yes, <think> so
                                                                                   false | ~ Yes                                 | ~ Yes
                                                                                   false | <think></think>No                     | No
                                                                                   false | <think>hm                             | (hm)
                                                                                   false | <thin                                 | <thin
                                                                                   false | <think>a </thin b</think>c            | (a </thin b)c
                                                                                   true  | hm~</think>~~Yes.                     | (hm)Yes.
                                                                                   true  | <think>hm</think>Yes                  | (hm)Yes
                                                                                   true  | hm [CALL]x                            | (hm)[CALL]x
                                                                                   """)
    void thoughts_are_told_from_the_answer(boolean begun, String written, String expected) {
        assertThat(shown(read(begun, List.of(written.replace('~', '\n'))))).isEqualTo(expected.replace('~', '\n'));
    }

    @Property(tries = 500)
    void any_cut_gives_what_the_whole_gives(@ForAll boolean begun, @ForAll("texts") List<String> pieces) {
        assertThat(read(begun, pieces)).isEqualTo(read(begun, List.of(String.join("", pieces))));
    }

    @Provide
    Arbitrary<List<String>> texts() {
        return Arbitraries.of("<think>", "</think>", "<thi", "nk>", "</", "think>", " ", "\n", "a", "é", "[CALL]", "<")
                .list().ofMaxSize(10);
    }

    private static List<AnswerPart> read(boolean begun, List<String> pieces) {
        PartReader reader = new ThoughtReader(ThoughtMarks.common(), begun, List.of("[CALL]"), PartReader.plain());
        PartList all = new PartList();
        pieces.forEach(piece -> reader.push(piece).forEach(all::add));
        reader.finish().forEach(all::add);
        return all.take();
    }

    private static String shown(List<AnswerPart> parts) {
        return parts.stream().map(part -> switch (part) {
            case AnswerPart.Text(String text) -> text;
            case AnswerPart.Reasoning(String text) -> "(" + text + ")";
            default -> "?";
        }).collect(Collectors.joining());
    }
}
