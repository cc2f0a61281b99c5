package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.SamplingParameters.Pooling;
import org.barnraiser.proto.Span.Wanted;
import org.barnraiser.proto.Step;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Texts that are read for their meaning run beside answers, and neither take from them nor leave them anything. */
class DriverEmbeddingTest extends DriverFixture {
    @Test
    void a_text_is_read_in_parts_and_has_one_result() throws Exception {
        Driver driver = driver(2, 200, 16, 2, 0);
        Reader reader = submit(driver, 40, 1, Pooling.MEAN);
        Step first = next(driver);
        assertThat(first.getEdits(0).getBegin().getSampling().getPooling()).isEqualTo(Pooling.MEAN);
        assertThat(first.getSpansList()).containsExactly(span(0, 0, 16, Wanted.NOTHING));
        Step second = next(driver);
        answer(driver, first);
        answer(driver, second);
        Step third = next(driver);
        assertThat(third.getSpansList()).containsExactly(span(0, 32, 8, Wanted.SAMPLE));
        answer(driver, third);
        assertThat(reader.ends()).containsExactly(new GenerationEnd.Length());
        assertThat(driver.statistics().running()).isZero();
        assertThat(driver.statistics().generatedTokensTotal()).isZero();
    }

    @Test
    void a_text_takes_nothing_over_and_leaves_nothing_behind() throws Exception {
        Driver driver = driver(2, 200, 64, 1, 0);
        submit(driver, 30, 1, Pooling.NO_POOLING);
        answer(driver, next(driver));
        assertThat(driver.statistics().keptTokens()).isEqualTo(30);

        Reader text = submit(driver, 30, 1, Pooling.LAST);
        Step whole = next(driver);
        assertThat(whole.getSpansList()).containsExactly(span(1, 0, 30, Wanted.SAMPLE));
        answer(driver, whole);
        assertThat(text.reused()).containsExactly(0);
        assertThat(driver.statistics().keptTokens()).isEqualTo(30);
        assertThat(next(driver).getEditsList()).containsExactly(drop(1));
    }

    @Test
    void a_text_goes_on_from_its_first_token_after_a_failure() throws Exception {
        Driver driver = driver(1, 100, 16, 1, 0);
        Reader reader = submit(driver, 20, 1, Pooling.MEAN);
        answer(driver, next(driver));
        driver.onResult(failure(next(driver), "The engine failed."));
        Step again = next(driver);
        assertThat(again.getSpansList()).containsExactly(span(0, 0, 16, Wanted.NOTHING));
        assertThat(again.getEditsList()).anyMatch(edit -> edit.getBegin().getSampling().getPooling() == Pooling.MEAN);
        answer(driver, again);
        answer(driver, next(driver));
        assertThat(reader.ends()).containsExactly(new GenerationEnd.Length());
    }

    @Test
    void a_text_has_no_second_result() {
        assertThatThrownBy(() -> submit(driver(1, 100, 16, 1, 0), 5, 2, Pooling.MEAN))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Reader submit(Driver driver, int tokens, int results, Pooling pooling)
            throws ModelUnavailableException {
        List<Integer> prompt = IntStream.range(0, tokens).boxed().toList();
        Reader reader = new Reader();
        driver.submit(ResumableSequence.of(new GenerationRequest(ImmutableIntArray.copyOf(prompt), results,
                SamplingParameters.newBuilder().setPooling(pooling).build())), reader);
        return reader;
    }
}
