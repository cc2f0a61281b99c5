package org.barnraiser.coordinator.schedule;

import java.time.Duration;
import java.util.function.Consumer;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DriverFailuresTest extends DriverFixture {
    @Test
    void a_failed_step_fails_its_own_sequences_and_no_others() throws Exception {
        Driver driver = driver(2, 200, 8, 2, 0);
        Reader unlucky = submit(driver, 3, 5);
        Step first = next(driver);
        Reader other = submit(driver, 3, 5);
        Step second = next(driver);
        driver.onResult(failure(first, "The GPU of reading-room-2 ran out of memory."));
        answer(driver, second);
        assertThat(unlucky.ends()).containsExactly(
                new GenerationEnd.Failed("The GPU of reading-room-2 ran out of memory.", true));
        assertThat(other.tokens()).containsExactly(3);
        assertThat(next(driver).getEditsList()).containsExactly(drop(0));
        assertThat(driver.statistics().failedStepsTotal()).isEqualTo(1);
    }

    @Test
    void a_failed_span_fails_its_own_sequence_and_no_other() throws Exception {
        Driver driver = driver(2, 200, 8, 1, 0);
        Reader unlucky = submit(driver, 3, 5);
        Reader other = submit(driver, 3, 5);
        StepResult.Builder result = result(next(driver));
        result.getSpansBuilder(0).clearSampled().setFailure("The grammar allows no token.");
        driver.onResult(result.build());
        assertThat(unlucky.ends())
                .containsExactly(new GenerationEnd.Failed("The grammar allows no token.", false));
        assertThat(other.tokens()).containsExactly(3);
    }

    @Test
    void a_failure_without_a_reason_and_one_with_an_endless_reason_are_both_told_in_a_sentence() throws Exception {
        Driver driver = driver(1, 100, 8, 1, 0);
        Reader first = submit(driver, 3, 5);
        driver.onResult(failure(next(driver), " "));
        assertThat(first.ends())
                .containsExactly(new GenerationEnd.Failed("A stage failed and gave no reason.", true));
        Reader second = submit(driver, 3, 5);
        driver.onResult(failure(next(driver), "x".repeat(100_000)));
        assertThat(second.ends()).containsExactly(new GenerationEnd.Failed("x".repeat(500), true));
    }

    @Test
    void results_of_another_epoch_or_of_no_step_in_flight_are_ignored() throws Exception {
        Driver driver = driver(1, 100, 8, 1, 0);
        Reader reader = submit(driver, 3, 5);
        Step first = next(driver);
        driver.onResult(result(first).setEpoch(EPOCH - 1).build());
        driver.onResult(result(first).setNumber(0).build());
        driver.onResult(result(first).setNumber(2).build());
        assertThat(reader.tokens()).isEmpty();
        answer(driver, first);
        answer(driver, first);
        assertThat(reader.tokens()).containsExactly(3);
        assertThat(driver.lostReason()).isEmpty();
    }

    @Test
    void a_missing_result_loses_the_pipeline() throws Exception {
        Driver driver = driver(1, 100, 2, 2, 1);
        Reader reader = submit(driver, 3, 5);
        Reader waiting = submit(driver, 3, 5);
        next(driver);
        answer(driver, next(driver));
        var end = new GenerationEnd.Failed("The pipeline left out the result of step 1.", true);
        assertThat(reader.ends()).containsExactly(end);
        assertThat(waiting.ends()).containsExactly(end);
        assertThat(driver.nextStep()).isEmpty();
        assertThatThrownBy(() -> submit(driver, 1, 1)).isInstanceOf(ModelUnavailableException.class)
                .hasMessage("The pipeline left out the result of step 1.");
    }

    @Test
    void a_result_that_contradicts_its_step_loses_the_pipeline() throws Exception {
        assertThat(lostAfter(StepResult.Builder::clearSpans)).contains("leaves out a sequence");
        assertThat(lostAfter(result -> result.addSpans(result.getSpans(0)))).contains("answers one slot twice");
        assertThat(lostAfter(result -> result.addSpans(SpanResult.newBuilder().setSlot(1))))
                .contains("for a slot that was not in the step");
        assertThat(lostAfter(result -> result.getSpansBuilder(0).clearSampled()))
                .contains("a number of tokens that nobody asked for");
        assertThat(lostAfter(result -> result.getSpansBuilder(0).getSampledBuilder(0).setPosition(9)))
                .contains("at the wrong position");
    }

    private String lostAfter(Consumer<StepResult.Builder> change) throws Exception {
        Driver driver = driver(2, 200, 8, 1, 0);
        Reader reader = submit(driver, 3, 5);
        StepResult.Builder result = result(next(driver));
        change.accept(result);
        driver.onResult(result.build());
        assertThat(reader.tokens()).isEmpty();
        assertThat(reader.ends()).hasSize(1);
        return driver.lostReason().orElseThrow();
    }

    @Test
    void a_pipeline_that_has_work_and_stays_silent_is_lost() throws Exception {
        Driver driver = driver(1, 100, 2, 2, 1);
        nanos.addAndGet(Duration.ofHours(1).toNanos());
        driver.checkDeadline();
        assertThat(driver.nanosToDeadline()).as("idle").isEqualTo(Long.MAX_VALUE);

        Reader reader = submit(driver, 3, 5);
        Step first = next(driver);
        next(driver);
        nanos.addAndGet(Duration.ofMillis(900).toNanos());
        driver.checkDeadline();
        answer(driver, first);
        assertThat(driver.nanosToDeadline()).isEqualTo(Duration.ofSeconds(1).toNanos());
        nanos.addAndGet(Duration.ofMillis(999).toNanos());
        driver.checkDeadline();
        assertThat(reader.ends()).isEmpty();
        nanos.addAndGet(Duration.ofMillis(1).toNanos());
        driver.checkDeadline();
        assertThat(reader.ends())
                .containsExactly(new GenerationEnd.Failed("The pipeline gave no result for 1000 ms.", true));
    }
}
