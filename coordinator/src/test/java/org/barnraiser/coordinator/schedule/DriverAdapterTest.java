package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.proto.AdapterUse;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.Step;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Sequences with different adapters never share a step nor what the caches hold, and none waits for ever for the others. */
class DriverAdapterTest extends DriverFixture {
    private static final List<List<AdapterUse>> SETS = List.of(List.of(), List.of(use("a", 1)), List.of(use("a", 2)),
            List.of(use("a", 1), use("b", 1)));

    /** {@link InMemoryPipeline} holds the driver to it, and {@link FakeModel} knows every answer. */
    @RepeatedTest(20)
    void whoever_comes_with_whatever_adapters_hears_the_right_answer(RepetitionInfo repetition) throws Exception {
        Random random = new Random(repetition.getCurrentRepetition());
        int slots = 1 + random.nextInt(5);
        var limits = new DriverLimits(slots, 120, 120 + random.nextInt(300), slots + random.nextInt(30),
                1 + random.nextInt(4), 100, 1_000);
        var runner = new DrivenRunner(1, limits);
        Map<Reader, FakeModel.Answer> answers = new HashMap<>();
        for (int i = 0; i < 40; i++) {
            GenerationRequest request = new GenerationRequest(prompt(random), 1 + random.nextInt(30),
                    SamplingParameters.newBuilder().setSeed(random.nextInt(3))
                            .addAllAdapters(SETS.get(random.nextInt(SETS.size()))).build());
            var reader = new Reader();
            runner.run(ResumableSequence.of(request), reader);
            answers.put(reader, FakeModel.answer(request, 120));
            for (int moves = random.nextInt(6); moves > 0; moves--) {
                runner.sendStep();
                runner.deliverResult();
            }
        }
        runner.settle();
        answers.forEach(Reader::assertHeard);
    }

    /** Many that begin alike, so that there is much to share. */
    private static ImmutableIntArray prompt(Random random) {
        int length = 1 + random.nextInt(60);
        int last = random.nextInt(3);
        return ImmutableIntArray.copyOf(IntStream.range(0, length).map(i -> i == length - 1 ? 1_000 + last : i));
    }

    @Test
    void a_prompt_with_an_adapter_is_read_while_others_go_on_without() throws Exception {
        Driver driver = driver(4, 400, 32, 1, 0);
        submit(driver, 10, 60, SETS.get(0));
        submit(driver, 10, 60, SETS.get(0));
        answer(driver, next(driver));
        Reader late = submit(driver, 40, 3, SETS.get(1));
        List<Step> steps = new ArrayList<>();
        while (late.ends().isEmpty()) {
            steps.add(next(driver));
            assertThat(steps).as("the reader with the adapter waits for ever").hasSizeLessThan(30);
            answer(driver, steps.getLast());
        }
        assertThat(late.ends()).containsExactly(new GenerationEnd.Length());
        assertThat(steps).allSatisfy(step -> assertThat(step.getSpansList().stream().map(Span::getSlot)
                .anyMatch(slot -> slot == 2)).isEqualTo(step.getAdaptersCount() > 0));
        assertThat(steps).anyMatch(step -> step.getAdaptersCount() == 0 && step.getSpansCount() > 0);
    }

    @Test
    void nobody_goes_on_from_what_was_computed_with_another_adapter() throws Exception {
        Driver driver = driver(2, 400, 64, 1, 0);
        submit(driver, 30, 1, SETS.get(1));
        answer(driver, next(driver));
        submit(driver, 40, 1, SETS.get(2));
        assertThat(next(driver).getSpansList()).containsExactly(span(1, 0, 40, Span.Wanted.SAMPLE));

        Driver same = driver(2, 400, 64, 1, 0);
        submit(same, 30, 1, SETS.get(1));
        answer(same, next(same));
        submit(same, 40, 1, SETS.get(1));
        assertThat(next(same).getSpansList()).containsExactly(span(0, 30, 10, Span.Wanted.SAMPLE));
    }

    private static Reader submit(Driver driver, int tokens, int maxTokens, List<AdapterUse> adapters)
            throws Exception {
        Reader reader = new Reader();
        driver.submit(ResumableSequence.of(new GenerationRequest(
                ImmutableIntArray.copyOf(IntStream.range(0, tokens)), maxTokens,
                SamplingParameters.newBuilder().addAllAdapters(adapters).build())), reader);
        return reader;
    }

    private static AdapterUse use(String name, float scale) {
        return AdapterUse.newBuilder().setDigest(name.repeat(64)).setScale(scale).build();
    }
}
