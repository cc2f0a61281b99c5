package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.StageTiming;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Drafts are 101, 102, 103. */
class DriverSpeculationTest extends DriverFixture {
    private static final Drafter DRAFTER = (_, most) -> ImmutableIntArray.of(101, 102, 103)
            .subArray(0, Math.min(3, most));

    private final Reader reader = new Reader();

    private Driver driver(Speculation speculation) {
        return new Driver(EPOCH, new DriverLimits(1, 100, 100, 16, 2, 0, 1000, true, speculation), ticker(), DRAFTER);
    }

    private Driver begun(Speculation speculation, int maxTokens) throws Exception {
        Driver driver = driver(speculation);
        driver.submit(ResumableSequence.of(FakeModel.request(1, 9, maxTokens)), reader);
        answer(driver, next(driver));
        return driver;
    }

    @Test
    void drafts_follow_the_known_token_and_those_that_were_right_are_not_fed_again() throws Exception {
        Driver driver = begun(Speculation.of("3"), 50);
        Step step = next(driver);
        assertThat(step.getTokensList()).containsExactly(9, 101, 102, 103);
        assertThat(step.getSpansList()).containsExactly(verifying(9, 3));

        say(driver, step, 101, 102, 103, 5);
        assertThat(reader.tokens()).containsExactly(9, 101, 102, 103, 5);
        Step following = next(driver);
        assertThat(following.getEditsList()).isEmpty();
        assertThat(following.getSpansList()).containsExactly(verifying(13, 3));
        assertThat(driver.statistics().draftedTokensTotal()).isEqualTo(3);
        assertThat(driver.statistics().acceptedTokensTotal()).isEqualTo(3);
    }

    @Test
    void wrong_drafts_are_dropped_before_the_slot_is_fed_again() throws Exception {
        Driver driver = begun(Speculation.of("3"), 50);
        say(driver, next(driver), 101, 5);
        assertThat(reader.tokens()).containsExactly(9, 101, 5);
        Step following = next(driver);
        assertThat(following.getEditsList()).containsExactly(dropFrom(11));
        assertThat(following.getSpansList()).containsExactly(verifying(11, 3));
        assertThat(driver.statistics().acceptedTokensTotal()).isEqualTo(1);
        assertThat(reader.guessed()).containsExactly(List.of(3, 1));
    }

    @Test
    void an_answer_ends_among_its_drafts_and_leaves_nothing_of_them() throws Exception {
        Driver driver = begun(Speculation.of("3"), 50);
        Step step = next(driver);
        StepResult.Builder result = said(step, 101, 102);
        result.getSpansBuilder(0).getSampledBuilder(1).setEndOfGeneration(true);
        driver.onResult(result.build());
        assertThat(reader.tokens()).containsExactly(9, 101);
        assertThat(reader.ends()).containsExactly(new GenerationEnd.EndOfGeneration());
        assertThat(next(driver).getEditsList()).containsExactly(dropFrom(11));
        assertThat(driver.statistics().keptTokens()).isEqualTo(11);
    }

    @Test
    void nothing_is_guessed_beyond_the_token_limit() throws Exception {
        Driver driver = begun(Speculation.of("3"), 4);
        Step step = next(driver);
        assertThat(step.getSpansList()).containsExactly(verifying(9, 2));
        say(driver, step, 101, 102, 5);
        assertThat(reader.tokens()).hasSize(4);
        assertThat(reader.ends()).containsExactly(new GenerationEnd.Length());
    }

    @Test
    void who_leaves_while_drafts_are_on_their_way_leaves_none_behind() throws Exception {
        Driver driver = driver(Speculation.of("3"));
        Generation generation = driver.submit(ResumableSequence.of(FakeModel.request(1, 9, 50)), reader);
        answer(driver, next(driver));
        Step step = next(driver);
        generation.cancel();
        assertThat(next(driver).getEditsList()).containsExactly(dropFrom(10));
        say(driver, step, 101, 5);
        assertThat(reader.tokens()).containsExactly(9);
    }

    @Test
    void a_tail_that_ran_out_of_tokens_behind_right_drafts_is_asked_again() throws Exception {
        Driver driver = begun(Speculation.of("3"), 50);
        say(driver, next(driver), 101, 102, 103);
        Step following = next(driver);
        assertThat(following.getEditsList()).containsExactly(dropFrom(12));
        assertThat(following.getTokensList()).startsWith(103);
    }

    @Test
    void a_tail_that_goes_on_behind_a_wrong_draft_is_not_believed() throws Exception {
        Driver driver = begun(Speculation.of("3"), 50);
        say(driver, next(driver), 101, 5, 103);
        assertThat(driver.lostReason()).hasValueSatisfying(
                reason -> assertThat(reason).contains("goes on behind a draft that is wrong"));
    }

    @Test
    void guesses_begin_where_long_steps_are_cheap_and_stop_when_they_are_wrong() throws Exception {
        assertThat(draftsOfManySteps(1, true)).as("cheap and right").isGreaterThan(2);
        assertThat(draftsOfManySteps(30, false)).as("cheap and wrong").isLessThan(0.5);
        assertThat(draftsOfManySteps(100, true)).as("as dear as single steps").isZero();
    }

    /** On average, when a step takes so many percent more for each token. */
    private double draftsOfManySteps(int percentPerToken, boolean right) throws Exception {
        Driver driver = driver(Speculation.AUTO);
        driver.submit(ResumableSequence.of(FakeModel.request(1, 9, 90)), new Reader());
        int drafts = 0;
        int steps = 0;
        for (var step = driver.nextStep(); step.isPresent(); step = driver.nextStep()) {
            Step sent = step.get();
            int count = sent.getSpansCount() == 0 ? 0 : sent.getSpans(0).getDraftCount();
            drafts += count;
            steps++;
            int[] tokens = new int[right ? count + 1 : 1];
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = right && i < count ? 101 + i : 5;
            }
            long micros = 1000 + 10L * percentPerToken * (sent.getTokensCount() - 1);
            nanos.addAndGet(1000 * micros);
            driver.onResult((sent.getSpansCount() == 0 ? result(sent) : said(sent, tokens))
                    .addTimings(StageTiming.newBuilder().setComputeMicros(micros)).build());
        }
        return (double) drafts / steps;
    }

    private static void say(Driver driver, Step step, int... tokens) {
        driver.onResult(said(step, tokens).build());
    }

    private static StepResult.Builder said(Step step, int... tokens) {
        Span span = step.getSpans(0);
        SpanResult.Builder result = SpanResult.newBuilder().setSlot(span.getSlot());
        int position = span.getStartPosition() + span.getTokenCount() - span.getDraftCount();
        for (int token : tokens) {
            result.addSampled(SampledToken.newBuilder().setToken(token).setPosition(position++));
        }
        return StepResult.newBuilder().setEpoch(EPOCH).setNumber(step.getNumber()).addSpans(result);
    }

    private static Span verifying(int start, int drafts) {
        return span(0, start, 1 + drafts, Span.Wanted.VERIFY).toBuilder().setDraftCount(drafts).build();
    }

    private static CacheEdit dropFrom(int position) {
        return CacheEdit.newBuilder().setDrop(CacheEdit.Drop.newBuilder().setSlot(0).setFromPosition(position)).build();
    }
}
