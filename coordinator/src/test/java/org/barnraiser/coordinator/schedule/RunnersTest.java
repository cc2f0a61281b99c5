package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.model.Generation;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RunnersTest {
    private final Runners runners = new Runners();
    private final LoadedRunner one = new LoadedRunner();
    private final LoadedRunner two = new LoadedRunner();

    private static final class LoadedRunner implements SequenceRunner {
        private int load;

        @Override
        public int load() {
            return load;
        }

        @Override
        public Generation run(ResumableSequence sequence, SequenceListener listener) {
            throw new UnsupportedOperationException("it is only chosen");
        }
    }

    /** Numbers that no other text has. */
    private static ImmutableIntArray text(int which, int length) {
        return ImmutableIntArray.copyOf(IntStream.range(0, length).map(at -> which * 100_000 + at));
    }

    private static ImmutableIntArray both(ImmutableIntArray first, ImmutableIntArray then) {
        return ImmutableIntArray.builder().addAll(first).addAll(then).build();
    }

    @Test
    void who_has_least_to_do_is_chosen_and_nobody_when_nobody_is_there() {
        assertThat(runners.choose(text(1, 10))).isEmpty();
        runners.add(one, 0);
        runners.add(two, 0);
        one.load = 3;
        two.load = 2;
        assertThat(runners.choose(text(1, 10))).contains(two);
        two.load = 4;
        assertThat(runners.choose(text(2, 10))).contains(one);
        runners.remove(one);
        assertThat(runners.choose(text(3, 10))).contains(two);
    }

    @Test
    void who_is_full_is_passed_over_until_there_is_room() {
        runners.add(one, 0);
        runners.add(two, 0);
        two.load = 9;
        runners.onFull(one);
        assertThat(runners.choose(text(1, 10))).contains(two);
        runners.onFull(two);
        assertThat(runners.choose(text(1, 10))).isEmpty();
        runners.onRoom();
        assertThat(runners.choose(text(1, 10))).contains(one);
    }

    @Test
    void a_conversation_goes_back_to_who_has_read_it_unless_that_one_has_much_more_to_do() {
        runners.add(one, 0);
        runners.add(two, 0);
        ImmutableIntArray turn = text(1, 1_500);
        one.load = 1;
        assertThat(runners.choose(turn)).contains(two);
        two.load = 4;
        assertThat(runners.choose(both(turn, text(2, 50)))).as("three answers more are less than 1,500 tokens")
                .contains(two);
        assertThat(runners.choose(both(text(2, 50), turn))).as("another beginning is another text").contains(one);
        two.load = 8;
        assertThat(runners.choose(both(turn, text(3, 50)))).as("seven answers more are not").contains(one);
    }

    @Test
    void a_short_text_that_all_begin_with_draws_nobody_to_one_runner() {
        runners.add(one, 0);
        runners.add(two, 0);
        ImmutableIntArray system = text(1, 200);
        assertThat(runners.choose(both(system, text(2, 30)))).contains(one);
        one.load = 1;
        assertThat(runners.choose(both(system, text(3, 30)))).contains(two);
    }

    @Test
    void who_is_faster_gets_more() {
        runners.add(one, 10);
        runners.add(two, 30);
        int toOne = 0;
        for (int question = 0; question < 40; question++) {
            LoadedRunner chosen = (LoadedRunner) runners.choose(text(question, 5)).orElseThrow();
            chosen.load++;
            toOne += chosen.equals(one) ? 1 : 0;
        }
        assertThat(toOne).isBetween(8, 12);
    }

    @Test
    void who_joins_again_has_read_nothing() {
        runners.add(one, 0);
        runners.add(two, 0);
        ImmutableIntArray turn = text(1, 640);
        two.load = 1;
        assertThat(runners.choose(turn)).contains(one);
        runners.remove(one);
        runners.add(one, 0);
        one.load = 2;
        assertThat(runners.choose(turn)).contains(two);
    }
}
