package org.barnraiser.coordinator.schedule;

import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.Step;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DriverAdmissionTest extends DriverFixture {
    @Test
    void a_slot_is_dropped_before_its_next_sequence_begins() throws Exception {
        Driver driver = driver(1, 100, 8, 2, 1);
        submit(driver, 3, 1);
        submit(driver, 2, 1);
        answer(driver, next(driver));
        Step second = next(driver);
        assertThat(second.getEdits(0)).isEqualTo(drop(0));
        assertThat(second.getEdits(1).getBegin().getSampling().getSeed()).isEqualTo(2);
        assertThat(second.getSpansList()).containsExactly(span(0, 0, 2, Span.Wanted.SAMPLE));
    }

    @Test
    void a_full_queue_refuses_and_says_when_to_come_again() throws Exception {
        Driver driver = driver(2, 200, 8, 1, 1);
        submit(driver, 1, 1);
        submit(driver, 1, 1);
        submit(driver, 1, 1);
        assertThatThrownBy(() -> submit(driver, 1, 1)).isInstanceOfSatisfying(ModelUnavailableException.class,
                e -> assertThat(e.retryAfterSeconds()).isPositive());
        answer(driver, next(driver));
        assertThat(submit(driver, 1, 1).ends()).isEmpty();
    }

    @Test
    void a_sequence_waits_until_the_cache_has_room_for_all_it_may_use() throws Exception {
        Driver driver = driver(2, 100, 8, 1, 4);
        submit(driver, 5, 55);
        submit(driver, 5, 36);
        assertThat(driver.statistics().running()).isEqualTo(1);
        submit(driver, 5, 10);
        assertThat(driver.statistics().running()).as("nobody overtakes").isEqualTo(1);
        assertThat(driver.statistics().waiting()).isEqualTo(2);
        driver.submit(ResumableSequence.of(FakeModel.request(9, 1, 1)), new Reader()).cancel();
        assertThat(driver.statistics().running()).isEqualTo(1);
    }

    @Test
    void when_the_first_of_the_queue_gives_up_the_next_one_takes_its_turn() throws Exception {
        Driver driver = driver(2, 100, 8, 1, 4);
        submit(driver, 5, 55);
        Generation large = driver.submit(ResumableSequence.of(FakeModel.request(9, 5, 90)), new Reader());
        submit(driver, 5, 10);
        assertThat(driver.statistics().running()).isEqualTo(1);
        large.cancel();
        assertThat(driver.statistics().running()).isEqualTo(2);
    }

    @Test
    void a_prompt_without_room_for_an_answer_is_refused() {
        Driver driver = driver(1, 100, 8, 1, 0);
        assertThatThrownBy(() -> submit(driver, 100, 1)).isInstanceOf(PromptTooLongException.class)
                .hasMessage("The prompt has 100 tokens, but the context holds 100 together with the answer;"
                        + " shorten the prompt.");
        assertThat(driver.statistics().running()).isZero();
    }
}
