package org.barnraiser.coordinator.bench;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableLongArray;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class GroupResultTest {
    private static final long MILLI = 1_000_000;

    @Test
    void what_a_long_question_costs_the_others_is_told_apart_from_what_was_before() {
        GroupResult writers = result("writers", answer(0, 10, 20, 30, 90, 150, 160));
        GroupResult reader = result("long", answer(35, 155, 165));
        assertThat(writers.gapsMillisBefore(reader)).isEqualTo(List.of(10.0, 10.0));
        assertThat(writers.gapsMillisWhileReading(reader)).isEqualTo(List.of(60.0, 60.0));
        assertThat(writers.gapsMillis()).isEqualTo(List.of(10.0, 10.0, 60.0, 60.0, 10.0));
    }

    @Test
    void who_asked_before_another_group_came_is_told_apart_from_who_asked_beside_it() {
        GroupResult quiet = result("quiet", answer(0, 10, 20), answer(30, 45, 50), answer(60, 90, 95),
                answer(200, 201, 202));
        GroupResult flood = result("flood", answer(40, 100, 110), answer(50, 120, 130));
        assertThat(quiet.firstMillisBefore(flood)).isEqualTo(List.of(10.0, 15.0));
        assertThat(quiet.firstMillisBeside(flood)).isEqualTo(List.of(30.0));
    }

    @Test
    void tokens_per_second_count_from_the_first_question_to_the_last_word() {
        GroupResult both = result("both", answer(0, 100, 600), answer(500, 1000, 2000));
        assertThat(both.seconds()).isEqualTo(2.0);
        assertThat(both.tokensPerSecond()).isEqualTo(2.0);
    }

    private static GroupResult result(String name, Measurement... answers) {
        return new GroupResult(new Group(name, 1, answers.length, 1, 2, 1, 0, 0, 0, "", "", ""),
                ImmutableList.of(ImmutableList.copyOf(answers)));
    }

    private static Measurement answer(long askedMillis, long... pieceMillis) {
        return new Measurement(askedMillis * MILLI,
                ImmutableLongArray.copyOf(Arrays.stream(pieceMillis).map(millis -> millis * MILLI)), 2, 0, 0, "");
    }
}
