package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import org.barnraiser.proto.SamplingParameters;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PromptLookupTest {
    private static final PromptLookup LOOKUP = new PromptLookup();

    @Test
    void what_followed_the_last_tokens_before_is_guessed_to_follow_again() {
        assertThat(draft(3, 1, 2, 3, 4, 5, 6, 7, 9, 2, 3, 4)).containsExactly(5, 6, 7);
    }

    @Test
    void the_longest_place_counts_and_of_equally_long_ones_the_latest() {
        assertThat(draft(1, 1, 2, 3, 4, 70, 2, 3, 4, 80, 9, 1, 2, 3, 4)).containsExactly(70);
        assertThat(draft(1, 2, 3, 4, 70, 2, 3, 4, 80, 9, 2, 3, 4)).containsExactly(80);
    }

    @Test
    void a_loop_goes_on() {
        assertThat(draft(5, 9, 1, 2, 1, 2, 1, 2)).containsExactly(1, 2, 1, 2, 1);
    }

    @Test
    void nothing_is_guessed_from_two_tokens() {
        assertThat(draft(5, 1, 2, 3, 9, 1, 2)).isEmpty();
        assertThat(draft(5, 1)).isEmpty();
    }

    private static List<Integer> draft(int most, int... tokens) {
        ImmutableIntArray known = ImmutableIntArray.copyOf(tokens);
        Sequence sequence = new Sequence(
                new ResumableSequence(known, known.length(), 100, SamplingParameters.getDefaultInstance(), 0), 100,
                new Reader());
        return LOOKUP.draft(sequence, most).asList();
    }
}
