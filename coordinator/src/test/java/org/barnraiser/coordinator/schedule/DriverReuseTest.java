package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.Step;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What the caches hold already is not computed again. */
class DriverReuseTest extends DriverFixture {
    @Test
    void the_next_turn_of_a_conversation_goes_on_in_its_slot() throws Exception {
        Driver driver = driver(2, 200, 64, 1, 0);
        ask(driver, prompt(20), 2);
        answer(driver, next(driver));
        answer(driver, next(driver));

        // DriverFixture's answers are the numbers of their positions; the last one was never fed.
        Reader second = ask(driver, concat(prompt(20), List.of(20, 21), prompt(5)), 2);
        Step step = next(driver);
        assertThat(step.getSpansList()).containsExactly(span(0, 21, 6, Span.Wanted.SAMPLE));
        assertThat(step.getEditsList()).singleElement().matches(CacheEdit::hasBegin);
        assertThat(second.reused()).containsExactly(21);
        assertThat(second.read()).as("of its prompt").isEqualTo(6);
        assertThat(driver.statistics().reusedTokensTotal()).isEqualTo(21);
        assertThat(driver.statistics().keptTokens()).isZero();
    }

    @Test
    void a_turn_that_was_edited_shares_what_comes_before_and_leaves_the_older_one_in_place() throws Exception {
        Driver driver = driver(2, 200, 64, 1, 0);
        ask(driver, prompt(30), 1);
        answer(driver, next(driver));

        Reader edited = ask(driver, concat(prompt(20), List.of(7, 7, 7)), 1);
        Step step = next(driver);
        assertThat(step.getEdits(0)).isEqualTo(copy(0, 1, 20));
        assertThat(step.getEdits(1).hasBegin()).isTrue();
        assertThat(step.getSpansList()).containsExactly(span(1, 20, 3, Span.Wanted.SAMPLE));
        assertThat(edited.reused()).containsExactly(20);
        assertThat(driver.statistics().keptTokens()).isEqualTo(30);
    }

    @Test
    void with_one_slot_the_part_that_differs_is_dropped() throws Exception {
        Driver driver = driver(1, 100, 64, 1, 0);
        ask(driver, prompt(30), 1);
        answer(driver, next(driver));
        ask(driver, concat(prompt(20), List.of(7, 7, 7)), 1);
        Step step = next(driver);
        assertThat(step.getEdits(0)).isEqualTo(CacheEdit.newBuilder()
                .setDrop(CacheEdit.Drop.newBuilder().setSlot(0).setFromPosition(20)).build());
        assertThat(step.getSpansList()).containsExactly(span(0, 20, 3, Span.Wanted.SAMPLE));
    }

    @Test
    void readers_who_come_at_once_with_the_same_beginning_compute_it_once() throws Exception {
        Driver driver = driver(3, 300, 32, 4, 0);
        ask(driver, concat(prompt(40), List.of(1)), 1);
        ask(driver, concat(prompt(40), List.of(2)), 1);
        assertThat(next(driver).getSpansList()).containsExactly(span(0, 0, 32, Span.Wanted.NOTHING));
        assertThat(next(driver).getSpansList()).containsExactly(span(0, 32, 9, Span.Wanted.SAMPLE));
        Step third = next(driver);
        assertThat(third.getEditsList()).contains(copy(0, 1, 40));
        assertThat(third.getSpansList()).containsExactly(span(1, 40, 1, Span.Wanted.SAMPLE));
    }

    @Test
    void a_host_may_wish_that_nothing_is_shared_or_kept() throws Exception {
        Driver driver = new Driver(EPOCH, new DriverLimits(2, 100, 200, 64, 2, 0, 1000, false, Speculation.OFF),
                ticker());
        Reader first = ask(driver, prompt(30), 1);
        Reader second = ask(driver, prompt(30), 1);
        Step both = next(driver);
        assertThat(both.getSpansList()).containsExactly(span(0, 0, 30, Span.Wanted.SAMPLE),
                span(1, 0, 30, Span.Wanted.SAMPLE));
        answer(driver, both);
        assertThat(next(driver).getEditsList()).containsExactlyInAnyOrder(drop(0), drop(1));
        assertThat(first.reused()).containsExactly(0);
        assertThat(second.reused()).containsExactly(0);
        assertThat(driver.statistics().keptTokens()).isZero();
    }

    @Test
    void the_last_token_of_a_prompt_is_computed_in_any_case() throws Exception {
        Driver driver = driver(1, 100, 64, 1, 0);
        ask(driver, prompt(30), 1);
        answer(driver, next(driver));
        ask(driver, prompt(30), 1);
        assertThat(next(driver).getSpansList()).containsExactly(span(0, 29, 1, Span.Wanted.SAMPLE));
    }

    @Test
    void what_is_kept_gives_way_to_those_who_run_and_the_oldest_goes_first() throws Exception {
        Driver driver = driver(3, 100, 64, 1, 0);
        ask(driver, prompt(30), 1);
        answer(driver, next(driver));
        ask(driver, other(30), 1);
        answer(driver, next(driver));
        assertThat(driver.statistics().keptTokens()).isEqualTo(60);
        ask(driver, List.of(1, 2, 3), 60);
        assertThat(next(driver).getEdits(0)).isEqualTo(drop(0));
        assertThat(driver.statistics().keptTokens()).isEqualTo(30);
    }

    private Driver driverWithRoomForOneThatGaveWay() {
        return new Driver(EPOCH,
                new DriverLimits(1, 2, 100, 200, 64, 1, 0, 1000, DriverLimits.DEFAULT_LEAST_SILENCE, true,
                        Speculation.OFF),
                ticker());
    }

    @Test
    void an_answer_that_gave_way_goes_on_where_it_was_whatever_ran_meanwhile() throws Exception {
        Driver driver = driverWithRoomForOneThatGaveWay();
        Generation answer = driver.submit(sequence(prompt(20), 9), new Reader());
        answer(driver, next(driver));
        assertThat(answer.setAside()).isTrue();
        ask(driver, other(30), 1);
        answer(driver, next(driver));
        ask(driver, other(25).reversed(), 1);
        answer(driver, next(driver));
        Reader again = ask(driver, concat(prompt(20), List.of(20)), 8);
        assertThat(next(driver).getSpansList()).containsExactly(span(0, 20, 1, Span.Wanted.SAMPLE));
        assertThat(again.reused()).containsExactly(20);
    }

    @Test
    void answers_that_have_ended_are_kept_in_no_more_slots_than_may_run() throws Exception {
        Driver driver = driverWithRoomForOneThatGaveWay();
        ask(driver, prompt(20), 1);
        answer(driver, next(driver));
        ask(driver, other(30), 1);
        assertThat(next(driver).getSpansList()).containsExactly(span(0, 0, 30, Span.Wanted.SAMPLE));
        assertThat(driver.statistics().keptTokens()).isZero();
    }

    @Test
    void no_more_is_kept_than_one_context() throws Exception {
        Driver driver = driver(8, 800, 64, 1, 0);
        for (int i = 0; i < 5; i++) {
            ask(driver, IntStream.range(0, 30).map(token -> token * token).boxed().toList().subList(i, 30), 1);
            answer(driver, next(driver));
        }
        assertThat(driver.statistics().keptTokens()).isBetween(70, 100);
    }

    @Test
    void nobody_builds_on_what_a_failed_step_has_left() throws Exception {
        Driver driver = driver(2, 200, 64, 2, 0);
        Reader first = ask(driver, prompt(30), 1);
        Step failing = next(driver);
        Reader second = ask(driver, concat(prompt(30), List.of(1)), 1);
        Step relying = next(driver);
        assertThat(relying.getEditsList()).contains(copy(0, 1, 30));

        driver.onResult(failure(failing, "The engine failed."));
        driver.onResult(failure(relying, "A gap."));
        Step again = next(driver);
        assertThat(again.getEditsList()).contains(drop(0), drop(1));
        assertThat(again.getSpansList()).containsExactly(span(0, 0, 30, Span.Wanted.SAMPLE));
        Step last = next(driver);
        assertThat(last.getEditsList()).contains(copy(0, 1, 30));
        assertThat(last.getSpansList()).containsExactly(span(1, 30, 1, Span.Wanted.SAMPLE));
        answer(driver, again);
        answer(driver, last);
        assertThat(first.tokens()).hasSize(1);
        assertThat(second.tokens()).hasSize(1);
    }

    @Test
    void what_a_cancelled_sequence_put_into_a_step_that_fails_is_forgotten() throws Exception {
        Driver driver = driver(1, 100, 64, 2, 0);
        var generation = driver.submit(sequence(prompt(30), 9), new Reader());
        Step failing = next(driver);
        generation.cancel();
        assertThat(driver.statistics().keptTokens()).isEqualTo(30);
        driver.onResult(failure(failing, "The engine failed."));
        assertThat(driver.statistics().keptTokens()).isZero();
        assertThat(next(driver).getEditsList()).containsExactly(drop(0));
    }

    private static Reader ask(Driver driver, List<Integer> prompt, int maxTokens) throws Exception {
        Reader listener = new Reader();
        driver.submit(sequence(prompt, maxTokens), listener);
        return listener;
    }

    private static ResumableSequence sequence(List<Integer> prompt, int maxTokens) {
        return ResumableSequence.of(new GenerationRequest(ImmutableIntArray.copyOf(prompt), maxTokens,
                SamplingParameters.getDefaultInstance()));
    }

    private static List<Integer> prompt(int tokens) {
        return IntStream.range(500, 500 + tokens).boxed().toList();
    }

    private static List<Integer> other(int tokens) {
        return IntStream.range(900, 900 + tokens).boxed().toList();
    }

    @SafeVarargs
    private static List<Integer> concat(List<Integer>... parts) {
        List<Integer> all = new ArrayList<>();
        for (List<Integer> part : parts) {
            all.addAll(part);
        }
        return all;
    }

    private static CacheEdit copy(int from, int to, int length) {
        return CacheEdit.newBuilder()
                .setCopy(CacheEdit.Copy.newBuilder().setFromSlot(from).setToSlot(to).setToPosition(length)).build();
    }
}
