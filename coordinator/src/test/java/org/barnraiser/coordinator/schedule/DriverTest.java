package org.barnraiser.coordinator.schedule;

import com.google.common.base.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.StageTiming;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepFailure;
import org.barnraiser.proto.StepResult;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DriverTest {
    private static final long EPOCH = 7;

    private final AtomicLong nanos = new AtomicLong();
    private long seeds;

    private Driver driver(int slots, int cacheTokens, int maxStepTokens, int maxStepsInFlight, int maxWaiting) {
        var limits = new DriverLimits(slots, 100, cacheTokens, maxStepTokens, maxStepsInFlight, maxWaiting, 1000);
        return new Driver(EPOCH, limits, new Ticker() {
            @Override
            public long read() {
                return nanos.get();
            }
        });
    }

    private Reader submit(Driver driver, int promptTokens, int maxTokens) throws ModelUnavailableException {
        Reader reader = new Reader();
        driver.submit(FakeModel.request(++seeds, promptTokens, maxTokens), reader);
        return reader;
    }

    private static Step next(Driver driver) {
        return driver.nextStep().orElseThrow();
    }

    /** The result in which each sample is a token with the number of its position. */
    private static StepResult.Builder result(Step step) {
        StepResult.Builder result = StepResult.newBuilder().setEpoch(step.getEpoch()).setNumber(step.getNumber());
        for (Span span : step.getSpansList()) {
            if (span.getWanted() == Span.Wanted.SAMPLE) {
                int position = span.getStartPosition() + span.getTokenCount();
                result.addSpans(SpanResult.newBuilder().setSlot(span.getSlot())
                        .addSampled(SampledToken.newBuilder().setToken(position).setPosition(position)));
            }
        }
        return result;
    }

    private static void answer(Driver driver, Step step) {
        driver.onResult(result(step).build());
    }

    private static StepResult failure(Step step, String reason) {
        return StepResult.newBuilder().setEpoch(EPOCH).setNumber(step.getNumber())
                .setFailure(StepFailure.newBuilder().setReason(reason)).build();
    }

    private static Span span(int slot, int start, int count, Span.Wanted wanted) {
        return Span.newBuilder().setSlot(slot).setStartPosition(start).setTokenCount(count).setWanted(wanted).build();
    }

    private static CacheEdit drop(int slot) {
        return CacheEdit.newBuilder().setDrop(CacheEdit.Drop.newBuilder().setSlot(slot)).build();
    }

    @Nested
    class Steps {
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

    @Nested
    class Admission {
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
            driver.submit(FakeModel.request(9, 1, 1), new Reader()).cancel();
            assertThat(driver.statistics().running()).isEqualTo(1);
        }

        @Test
        void when_the_first_of_the_queue_gives_up_the_next_one_takes_its_turn() throws Exception {
            Driver driver = driver(2, 100, 8, 1, 4);
            submit(driver, 5, 55);
            Generation large = driver.submit(FakeModel.request(9, 5, 90), new Reader());
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

    @Nested
    class Ends {
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
            Generation generation = driver.submit(FakeModel.request(1, 3, 10), cancelled);
            Reader successor = new Reader();
            driver.submit(FakeModel.request(2, 3, 10), successor);
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
            driver.submit(FakeModel.request(1, 3, 10), new Reader()).cancel();
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
            reader.generation = driver.submit(FakeModel.request(1, 3, 10), reader);
            answer(driver, next(driver));
            assertThat(reader.tokens()).hasSize(1);
            assertThat(reader.ends()).containsExactly(new GenerationEnd.Cancelled());
            assertThat(next(driver).getEditsList()).containsExactly(drop(0));
        }
    }

    @Nested
    class Failures {
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

        private String lostAfter(java.util.function.Consumer<StepResult.Builder> change) throws Exception {
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

    @Test
    void statistics_count_what_was_done() throws Exception {
        Driver driver = driver(1, 100, 2, 2, 1);
        submit(driver, 3, 2);
        submit(driver, 1, 1);
        assertThat(driver.statistics())
                .isEqualTo(new PipelineStatistics(1, 1, 0, 0, 0, 0, 0, List.of()));
        Step first = next(driver);
        Step second = next(driver);
        driver.onResult(result(first).addTimings(timing(0, 5, 1)).addTimings(timing(1, 7, 2)).build());
        driver.onResult(result(second).addTimings(timing(0, 10, 0)).addTimings(timing(-1, 9, 9)).build());
        next(driver);
        assertThat(driver.statistics()).isEqualTo(new PipelineStatistics(1, 1, 1, 2, 0, 3, 1,
                List.of(new PipelineStatistics.StageTotals(15, 1), new PipelineStatistics.StageTotals(7, 2))));
    }

    private static StageTiming timing(int stage, long computeMicros, long queueMicros) {
        return StageTiming.newBuilder().setStageIndex(stage).setComputeMicros(computeMicros)
                .setQueueMicros(queueMicros).build();
    }

    @Test
    void a_sequence_can_be_told_in_tokens_so_that_another_pipeline_could_go_on() throws Exception {
        Driver driver = driver(1, 100, 8, 2, 1);
        Reader reader = submit(driver, 3, 20);
        submit(driver, 2, 20);
        for (int i = 0; i < 18; i++) {
            StepResult.Builder result = result(next(driver));
            result.getSpansBuilder(0).setMirostatMu(i);
            driver.onResult(result.build());
        }
        assertThat(driver.resumableSequences()).hasSize(2).first().satisfies(resumable -> {
            assertThat(resumable.tokens().subArray(0, 3).asList()).containsExactly(1000, 1001, 1002);
            assertThat(resumable.tokens().subArray(3, 21).asList()).isEqualTo(reader.tokens());
            assertThat(resumable.generatedFromPosition()).isEqualTo(3);
            assertThat(resumable.remainingTokens()).isEqualTo(2);
            assertThat(resumable.mirostatMu()).isEqualTo(17);
            assertThat(resumable.listener()).isSameAs(reader);
        });
    }
}
