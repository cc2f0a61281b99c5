package org.barnraiser.coordinator.schedule;

import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DriverEndsTest extends DriverFixture {
    @Test
    void the_end_of_the_context_ends_a_sequence() throws Exception {
        Driver driver = driver(1, 100, 100, 1, 0);
        Reader reader = submit(driver, 98, 1000);
        answer(driver, next(driver));
        answer(driver, next(driver));
        assertThat(reader.tokens()).containsExactly(98, 99);
        assertThat(reader.ends()).containsExactly(new GenerationEnd.Length());
    }

    @Test
    void the_token_that_ends_the_generation_is_not_reported() throws Exception {
        Driver driver = driver(1, 100, 8, 1, 0);
        Reader reader = submit(driver, 2, 10);
        StepResult.Builder result = result(next(driver));
        result.getSpansBuilder(0).getSampledBuilder(0).setEndOfGeneration(true);
        driver.onResult(result.build());
        assertThat(reader.tokens()).isEmpty();
        assertThat(reader.ends()).containsExactly(new GenerationEnd.EndOfGeneration());
    }

    @Test
    void a_cancelled_sequence_leaves_its_slot_at_once_and_hears_nothing_of_what_is_still_in_flight()
            throws Exception {
        Driver driver = driver(1, 100, 8, 2, 1);
        Reader cancelled = new Reader();
        Generation generation = driver.submit(ResumableSequence.of(FakeModel.request(1, 3, 10)), cancelled);
        Reader successor = new Reader();
        driver.submit(ResumableSequence.of(FakeModel.request(2, 3, 10)), successor);
        Step first = next(driver);
        generation.cancel();
        generation.cancel();

        Step second = next(driver);
        assertThat(second.getEdits(0)).isEqualTo(drop(0));
        assertThat(second.getEdits(1).hasBegin()).isTrue();
        answer(driver, first);
        assertThat(cancelled.tokens()).isEmpty();
        assertThat(cancelled.ends()).containsExactly(new GenerationEnd.Cancelled());
        assertThat(successor.tokens()).as("the old answer for the same slot is not mine").isEmpty();
        answer(driver, second);
        assertThat(successor.tokens()).containsExactly(3);
    }

    @Test
    void a_sequence_that_is_cancelled_before_its_first_step_leaves_nothing_to_drop() throws Exception {
        Driver driver = driver(1, 100, 8, 2, 1);
        driver.submit(ResumableSequence.of(FakeModel.request(1, 3, 10)), new Reader()).cancel();
        assertThat(driver.nextStep()).isEmpty();
    }

    @Test
    void a_listener_may_cancel_from_within_a_token() throws Exception {
        Driver driver = driver(1, 100, 8, 1, 0);
        var reader = new Reader() {
            private Generation generation = () -> {};

            @Override
            public void onToken(SampledToken token) {
                super.onToken(token);
                generation.cancel();
            }
        };
        reader.generation = driver.submit(ResumableSequence.of(FakeModel.request(1, 3, 10)), reader);
        answer(driver, next(driver));
        assertThat(reader.tokens()).hasSize(1);
        assertThat(reader.ends()).containsExactly(new GenerationEnd.Cancelled());
        assertThat(next(driver).getEditsList()).containsExactly(drop(0));
    }
}
