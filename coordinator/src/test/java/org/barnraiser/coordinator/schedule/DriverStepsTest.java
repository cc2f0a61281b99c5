package org.barnraiser.coordinator.schedule;

import java.util.List;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.Step;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DriverStepsTest extends DriverFixture {
    @Test
    void a_sequence_begins_with_its_first_span_and_then_feeds_each_token_it_sampled() throws Exception {
        Driver driver = driver(1, 100, 8, 2, 0);
        Reader reader = submit(driver, 3, 2);

        Step first = next(driver);
        assertThat(first.getEpoch()).isEqualTo(EPOCH);
        assertThat(first.getNumber()).isEqualTo(1);
        assertThat(first.getEditsList()).singleElement().satisfies(edit -> {
            assertThat(edit.getBegin().getSlot()).isZero();
            assertThat(edit.getBegin().getGeneratedFromPosition()).isEqualTo(3);
            assertThat(edit.getBegin().getSampling().getSeed()).isEqualTo(1);
        });
        assertThat(first.getSpansList()).containsExactly(span(0, 0, 3, Span.Wanted.SAMPLE));
        assertThat(first.getTokensList()).containsExactly(1000, 1001, 1002);
        assertThat(driver.nextStep()).as("one sample in flight at most").isEmpty();

        answer(driver, first);
        Step second = next(driver);
        assertThat(second.getNumber()).isEqualTo(2);
        assertThat(second.getEditsList()).isEmpty();
        assertThat(second.getSpansList()).containsExactly(span(0, 3, 1, Span.Wanted.SAMPLE));
        assertThat(second.getTokensList()).containsExactly(3);

        answer(driver, second);
        assertThat(reader.tokens()).containsExactly(3, 4);
        assertThat(reader.ends()).containsExactly(new GenerationEnd.Length());
    }

    @Test
    void chunks_of_a_long_prompt_follow_each_other_down_the_pipeline() throws Exception {
        Driver driver = driver(1, 100, 4, 3, 0);
        submit(driver, 10, 1);
        assertThat(next(driver).getSpansList()).containsExactly(span(0, 0, 4, Span.Wanted.NOTHING));
        assertThat(next(driver).getSpansList()).containsExactly(span(0, 4, 4, Span.Wanted.NOTHING));
        assertThat(next(driver).getSpansList()).containsExactly(span(0, 8, 2, Span.Wanted.SAMPLE));
    }

    @Test
    void no_more_steps_are_in_flight_than_allowed() throws Exception {
        Driver driver = driver(1, 100, 1, 2, 0);
        submit(driver, 10, 1);
        Step first = next(driver);
        next(driver);
        assertThat(driver.nextStep()).isEmpty();
        answer(driver, first);
        assertThat(driver.nextStep()).isPresent();
    }

    @Test
    void tokens_of_running_sequences_come_before_prompts_which_fill_the_rest() throws Exception {
        Driver driver = driver(3, 300, 5, 1, 0);
        submit(driver, 1, 9);
        submit(driver, 1, 9);
        answer(driver, next(driver));
        submit(driver, 20, 9);

        Step mixed = next(driver);
        assertThat(mixed.getSpansList()).containsExactly(span(0, 1, 1, Span.Wanted.SAMPLE),
                span(1, 1, 1, Span.Wanted.SAMPLE), span(2, 0, 3, Span.Wanted.NOTHING));
        answer(driver, mixed);
        assertThat(next(driver).getSpansList()).containsExactly(span(0, 2, 1, Span.Wanted.SAMPLE),
                span(1, 2, 1, Span.Wanted.SAMPLE), span(2, 3, 3, Span.Wanted.NOTHING));
    }

    @Test
    void several_short_prompts_share_a_step() throws Exception {
        Driver driver = driver(3, 300, 8, 1, 0);
        submit(driver, 3, 1);
        submit(driver, 3, 1);
        submit(driver, 3, 1);
        assertThat(next(driver).getSpansList()).containsExactly(span(0, 0, 3, Span.Wanted.SAMPLE),
                span(1, 0, 3, Span.Wanted.SAMPLE), span(2, 0, 2, Span.Wanted.NOTHING));
    }

    @Test
    void sequences_that_met_in_one_step_spread_over_the_steps_in_flight() throws Exception {
        Driver driver = driver(8, 800, 8, 3, 0);
        for (int i = 0; i < 8; i++) {
            submit(driver, 1, 50);
        }
        answer(driver, next(driver));
        List<Step> spread = List.of(next(driver), next(driver), next(driver));
        assertThat(spread).extracting(Step::getSpansCount).containsExactly(3, 3, 2);
        answer(driver, spread.getFirst());
        assertThat(next(driver).getSpansCount()).isEqualTo(3);
    }

    @Test
    void a_step_with_edits_alone_is_sent_when_nothing_is_to_compute() throws Exception {
        Driver driver = driver(1, 100, 8, 2, 0);
        submit(driver, 3, 1);
        answer(driver, next(driver));
        Step edits = next(driver);
        assertThat(edits.getEditsList()).containsExactly(drop(0));
        assertThat(edits.getSpansList()).isEmpty();
        assertThat(driver.nextStep()).isEmpty();
        answer(driver, edits);
        assertThat(driver.lostReason()).isEmpty();
    }
}
