package org.barnraiser.coordinator.schedule;

import java.time.Duration;
import java.util.function.Consumer;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DriverFailuresTest extends DriverFixture {
    @Test
    void a_failed_step_makes_its_own_sequences_start_over_and_no_others() throws Exception {
        Driver driver = driver(2, 200, 8, 2, 0);
        Reader unlucky = submit(driver, 3, 5);
        Step first = next(driver);
        Reader other = submit(driver, 3, 5);
        Step second = next(driver);
        driver.onResult(failure(first, "The GPU of reading-room-2 ran out of memory."));
        answer(driver, second);
        assertThat(other.tokens()).containsExactly(3);
        Step again = next(driver);
        assertThat(again.getEdits(0)).isEqualTo(drop(0));
        assertThat(again.getEdits(1).getBegin().getSlot()).isZero();
        assertThat(again.getSpansList()).containsExactly(span(1, 3, 1, Span.Wanted.SAMPLE),
                span(0, 0, 3, Span.Wanted.SAMPLE));
        answer(driver, again);
        assertThat(unlucky.tokens()).containsExactly(3);
        assertThat(other.tokens()).containsExactly(3, 4);
        assertThat(driver.statistics().failedStepsTotal()).isEqualTo(1);
    }

    @Test
    void a_sequence_that_starts_over_feeds_what_it_generated_and_tells_no_token_twice() throws Exception {
        Driver driver = driver(1, 100, 8, 1, 0);
        Reader reader = submit(driver, 3, 5);
        StepResult.Builder result = result(next(driver));
        result.getSpansBuilder(0).setMirostatMu(7);
        driver.onResult(result.build());
        driver.onResult(failure(next(driver), "The engine failed."));
        Step again = next(driver);
        assertThat(again.getEdits(1).getBegin().getGeneratedFromPosition()).isEqualTo(3);
        assertThat(again.getEdits(1).getBegin().getMirostatMu()).isEqualTo(7);
        assertThat(again.getTokensList()).containsExactly(1000, 1001, 1002, 3);
        answer(driver, again);
        assertThat(reader.tokens()).containsExactly(3, 4);
    }

    @Test
    void what_was_on_its_way_when_a_sequence_started_over_counts_for_nothing() throws Exception {
        Driver driver = driver(2, 200, 4, 3, 0);
        Reader reader = submit(driver, 10, 2);
        Step first = next(driver);
        Step second = next(driver);
        Step third = next(driver);
        driver.onResult(failure(first, "The engine failed."));
        Step again = next(driver);
        assertThat(again.getSpansList()).containsExactly(span(0, 0, 4, Span.Wanted.NOTHING));
        driver.onResult(failure(second, "A gap."));
        driver.onResult(failure(third, "A gap."));
        answer(driver, again);
        answer(driver, next(driver));
        answer(driver, next(driver));
        assertThat(reader.tokens()).containsExactly(10);
        assertThat(driver.lostReason()).isEmpty();
    }

    @Test
    void a_sequence_that_fails_again_and_again_while_others_get_on_ends_with_an_error() throws Exception {
        Driver driver = driver(2, 200, 8, 2, 0);
        Reader poisonous = submit(driver, 3, 5);
        Step bad = next(driver);
        Reader other = submit(driver, 3, 50);
        for (int failures = 0; failures <= Driver.MAX_FAILURES_OF_A_SEQUENCE; failures++) {
            assertThat(poisonous.ends()).isEmpty();
            Step good = next(driver);
            driver.onResult(failure(bad, "The engine failed."));
            bad = failures < Driver.MAX_FAILURES_OF_A_SEQUENCE ? next(driver) : bad;
            answer(driver, good);
        }
        assertThat(poisonous.ends()).containsExactly(new GenerationEnd.Failed("The engine failed.", false));
        assertThat(other.tokens()).hasSize(Driver.MAX_FAILURES_OF_A_SEQUENCE + 1);
        assertThat(driver.lostReason()).isEmpty();
    }

    @Test
    void a_pipeline_on_which_nobody_gets_on_is_lost_before_anyone_is_blamed() throws Exception {
        Driver driver = driver(2, 200, 8, 2, 0);
        Reader reader = submit(driver, 3, 5);
        Reader other = submit(driver, 3, 5);
        for (int i = 0; i < Driver.MAX_FAILURES_IN_A_ROW; i++) {
            driver.onResult(failure(next(driver), "The GPU of reading-room-2 is gone."));
        }
        assertThat(reader.interruptions()).containsExactly("The GPU of reading-room-2 is gone.");
        assertThat(other.interruptions()).hasSize(1);
        assertThat(driver.lostReason()).contains("The GPU of reading-room-2 is gone.");
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
        assertThat(lostFor(" ")).isEqualTo("A stage failed and gave no reason.");
        assertThat(lostFor("x".repeat(100_000))).isEqualTo("x".repeat(500));
    }

    private String lostFor(String reason) throws Exception {
        Driver driver = driver(1, 100, 8, 1, 0);
        submit(driver, 3, 5);
        for (int i = 0; i < Driver.MAX_FAILURES_IN_A_ROW; i++) {
            driver.onResult(failure(next(driver), reason));
        }
        return driver.lostReason().orElseThrow();
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
        assertThat(reader.interruptions()).containsExactly("The pipeline left out the result of step 1.");
        assertThat(waiting.interruptions()).containsExactly("The pipeline left out the result of step 1.");
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
        assertThat(reader.interruptions()).hasSize(1);
        return driver.lostReason().orElseThrow();
    }

    @Test
    void a_pipeline_whose_pace_is_known_is_lost_after_two_seconds_of_silence() throws Exception {
        var limits = new DriverLimits(1, 100, 100, 8, 1, 0, 60_000);
        Driver driver = new Driver(EPOCH, limits, ticker());
        Reader reader = submit(driver, 3, 90);
        for (int i = 0; i < Pace.RESULTS_TO_LEARN; i++) {
            Step step = next(driver);
            assertThat(driver.nanosToDeadline()).isEqualTo(Duration.ofSeconds(60).toNanos());
            nanos.addAndGet(Duration.ofMillis(20).toNanos());
            answer(driver, step);
        }
        next(driver);
        assertThat(driver.nanosToDeadline()).isEqualTo(Duration.ofSeconds(2).toNanos());
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        driver.checkDeadline();
        assertThat(reader.interruptions()).containsExactly("The pipeline gave no result for 2000 ms.");
    }

    @Test
    void who_stood_still_itself_does_not_blame_the_pipeline() throws Exception {
        Driver driver = driver(1, 100, 8, 1, 0);
        Reader reader = submit(driver, 3, 90);
        Step step = next(driver);
        assertThat(driver.nanosToDeadline()).isEqualTo(Duration.ofSeconds(1).toNanos());
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        driver.checkDeadline();
        answer(driver, step);
        assertThat(reader.tokens()).containsExactly(3);
        next(driver);
        assertThat(driver.nanosToDeadline()).isEqualTo(Duration.ofSeconds(1).toNanos());
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        driver.checkDeadline();
        assertThat(reader.interruptions()).hasSize(1);
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
        nanos.addAndGet(Duration.ofMillis(100).toNanos());
        driver.checkDeadline();
        answer(driver, first);
        assertThat(driver.nanosToDeadline()).isEqualTo(Duration.ofSeconds(1).toNanos());
        nanos.addAndGet(Duration.ofMillis(999).toNanos());
        driver.checkDeadline();
        assertThat(reader.interruptions()).isEmpty();
        nanos.addAndGet(Duration.ofMillis(1).toNanos());
        driver.checkDeadline();
        assertThat(reader.interruptions()).containsExactly("The pipeline gave no result for 1000 ms.");
    }
}
