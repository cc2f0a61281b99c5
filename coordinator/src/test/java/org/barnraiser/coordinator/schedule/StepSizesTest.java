package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.StageTiming;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** In a time of their own, so the numbers are the same on every machine. */
class StepSizesTest {
    private static final int CONTEXT_TOKENS = 16_384;
    private static final int PROMPT_TOKENS = 2048;
    private static final int SLOTS = 32;

    /** How long the whole model takes. */
    enum Curve {
        PROCESSOR, CARD;

        IntToDoubleFunction millis() {
            return this == PROCESSOR ? PacedPipeline.PROCESSOR : PacedPipeline.CARD;
        }
    }

    /** Counts tokens, and how long it waited for each. */
    private static final class TimedReader implements SequenceListener {
        private final PacedPipeline pipeline;
        private final List<Long> gapMicros = new ArrayList<>();
        private long lastMicros;
        private int tokens;

        TimedReader(PacedPipeline pipeline) {
            this.pipeline = pipeline;
        }

        @Override
        public void onToken(SampledToken token, float mirostatMu) {
            if (tokens++ > 0) {
                gapMicros.add(pipeline.nowMicros() - lastMicros);
            }
            lastMicros = pipeline.nowMicros();
        }

        @Override
        public void onEnd(GenerationEnd end) {}

        @Override
        public void onInterrupted(String reason) {
            throw new AssertionError(reason);
        }
    }

    private static Driver driver(PacedPipeline pipeline, Speculation speculation) {
        return new Driver(1, new DriverLimits(SLOTS, CONTEXT_TOKENS, SLOTS * CONTEXT_TOKENS, 256,
                PacedPipeline.STAGES + 8, 0, 600_000, false, speculation), pipeline);
    }

    private static TimedReader submit(Driver driver, PacedPipeline pipeline, int promptTokens) throws Exception {
        return submit(driver, pipeline, promptTokens, CONTEXT_TOKENS - promptTokens);
    }

    private static TimedReader submit(Driver driver, PacedPipeline pipeline, int promptTokens, int answerTokens)
            throws Exception {
        var reader = new TimedReader(pipeline);
        driver.submit(new ResumableSequence(
                ImmutableIntArray.copyOf(IntStream.range(0, promptTokens)), promptTokens, answerTokens,
                SamplingParameters.getDefaultInstance(), 0), reader);
        return reader;
    }

    @ParameterizedTest(name = "{0}, readers: {1}, microseconds per link: {2}")
    @CsvSource({"PROCESSOR,1,300", "PROCESSOR,2,300", "PROCESSOR,4,300", "PROCESSOR,8,300", "PROCESSOR,16,300",
            "PROCESSOR,32,300", "CARD,1,300", "CARD,2,300", "CARD,4,300", "CARD,8,300", "CARD,16,300", "CARD,32,300",
            "PROCESSOR,8,10000", "CARD,8,10000"})
    void readers_together_get_nearly_all_that_the_stages_can_give(Curve curve, int readers, long linkMicros)
            throws Exception {
        var pipeline = new PacedPipeline(curve.millis(), linkMicros);
        assertThat(tokensPerSecond(pipeline, readers, Speculation.OFF) / pipeline.bound(readers)).isGreaterThan(0.95);
    }

    /** @param least of what could be had if all steps took their median time; varying times cost more the fewer steps are under way */
    @ParameterizedTest(name = "stages: {0}, readers: {1}")
    @CsvSource({"1,2,0.77", "1,4,0.75", "1,16,0.75", "2,2,0.67", "2,4,0.75", "2,16,0.63"})
    void times_that_vary_do_not_lead_to_groups_of_a_bad_size(int stages, int readers, double least) throws Exception {
        double bound = new PacedPipeline(stages, PacedPipeline.PROCESSOR, 300, 0).bound(readers);
        for (int seed = 0; seed < 3; seed++) {
            var pipeline = varying(stages, new Random(seed));
            Driver driver = driver(pipeline, Speculation.OFF);
            tokensPerSecond(driver, pipeline, readers, 100);
            assertThat(tokensPerSecond(driver, pipeline, readers, 2000) / bound).as("seed %d", seed)
                    .isGreaterThan(least);
        }
    }

    @ParameterizedTest(name = "stages: {0}")
    @CsvSource({"1,0.77", "2,0.65"})
    void two_readers_get_as_much_after_one_was_alone_for_a_while(int stages, double least) throws Exception {
        double bound = new PacedPipeline(stages, PacedPipeline.PROCESSOR, 300, 0).bound(2);
        for (int seed = 0; seed < 3; seed++) {
            var pipeline = varying(stages, new Random(seed));
            Driver driver = driver(pipeline, Speculation.OFF);
            double sum = 0;
            for (int round = 0; round < 10; round++) {
                tokensPerSecond(driver, pipeline, 1, 500);
                sum += tokensPerSecond(driver, pipeline, 2, 300) / bound;
            }
            assertThat(sum / 10).as("seed %d", seed).isGreaterThan(least);
        }
    }

    /** As a program is that has just started: its smallest steps are those in which everything else weighs most. */
    @ParameterizedTest(name = "stages: {0}, readers: {1}, slower: {2}")
    @CsvSource({"1,2,2.2", "1,2,5", "2,2,2.2", "2,2,5", "1,4,2.2", "1,4,5", "2,4,2.2", "2,4,5"})
    void small_steps_that_were_slow_while_the_machine_was_cold_are_soon_found_again(int stages, int readers,
            double slower) throws Exception {
        double bound = new PacedPipeline(stages, PacedPipeline.PROCESSOR, 300, 0).bound(readers);
        for (int seed = 0; seed < 3; seed++) {
            Random random = new Random(seed);
            PacedPipeline[] pipeline = new PacedPipeline[1];
            pipeline[0] = new PacedPipeline(stages, tokens -> Math.exp(0.2 * random.nextGaussian())
                    * PacedPipeline.PROCESSOR.applyAsDouble(tokens)
                    * (tokens == 1 && pipeline[0].nowMicros() < 10_000_000 ? slower : 1), 300, 0);
            Driver driver = driver(pipeline[0], Speculation.OFF);
            tokensPerSecond(driver, pipeline[0], readers, 200);
            tokensPerSecond(driver, pipeline[0], 16, 50);
            tokensPerSecond(driver, pipeline[0], readers, 400);
            assertThat(tokensPerSecond(driver, pipeline[0], readers, 200) / bound).as("seed %d", seed)
                    .isGreaterThan(0.8);
        }
    }

    private static double tokensPerSecond(Driver driver, PacedPipeline pipeline, int readers, int tokens)
            throws Exception {
        long from = pipeline.nowMicros();
        long before = driver.statistics().generatedTokensTotal();
        for (int i = 0; i < readers; i++) {
            submit(driver, pipeline, 5, tokens);
        }
        long generated = (long) readers * tokens;
        while (driver.statistics().generatedTokensTotal() < before + generated) {
            pipeline.turn(driver);
        }
        return 1e6 * generated / (pipeline.nowMicros() - from);
    }

    /** Of a machine where other programs take a part of the processor now and then, for a step or for ten seconds. */
    private static PacedPipeline varying(int stages, Random random) {
        PacedPipeline[] pipeline = new PacedPipeline[1];
        pipeline[0] = new PacedPipeline(stages, tokens -> {
            double common = pipeline[0].nowMicros() / 10_000_000 % 2 == 0 ? 1 : 1.5;
            return common * Math.exp(0.35 * random.nextGaussian()) * PacedPipeline.PROCESSOR.applyAsDouble(tokens);
        }, 300, 0);
        return pipeline[0];
    }

    private static double tokensPerSecond(PacedPipeline pipeline, int readers, Speculation speculation)
            throws Exception {
        Driver driver = driver(pipeline, speculation);
        for (int i = 0; i < readers; i++) {
            submit(driver, pipeline, 5);
        }
        run(driver, pipeline, 6_000_000);
        long from = pipeline.nowMicros();
        long before = driver.statistics().generatedTokensTotal();
        run(driver, pipeline, 10_000_000);
        return 1e6 * (driver.statistics().generatedTokensTotal() - before) / (pipeline.nowMicros() - from);
    }

    @ParameterizedTest
    @EnumSource
    void guesses_that_are_right_make_one_reader_on_slow_links_twice_as_fast(Curve curve) throws Exception {
        double without = tokensPerSecond(new PacedPipeline(curve.millis(), 10_000), 1, Speculation.OFF);
        double with = tokensPerSecond(new PacedPipeline(curve.millis(), 10_000), 1, Speculation.AUTO);
        assertThat(with / without).isGreaterThan(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 16})
    void guesses_take_nothing_from_many_readers(int readers) throws Exception {
        for (Curve curve : Curve.values()) {
            double without = tokensPerSecond(new PacedPipeline(curve.millis(), 300), readers, Speculation.OFF);
            double with = tokensPerSecond(new PacedPipeline(curve.millis(), 300), readers, Speculation.AUTO);
            assertThat(with / without).as(curve.name()).isGreaterThan(0.97);
        }
    }

    @Test
    void a_prompt_does_not_crawl_because_longer_steps_were_never_tried() {
        var times = new StepTimes();
        times.learn(1, List.of(StageTiming.newBuilder().setComputeMicros(40_000).build()), 41_000);
        var limits = new DriverLimits(2, 100, 200, 64, 2, 0, 1000);
        assertThat(StepSizes.choose(times, 1, limits).promptTokens()).isGreaterThanOrEqualTo(8);
        times.learn(8, List.of(StageTiming.newBuilder().setComputeMicros(400_000).build()), 401_000);
        assertThat(StepSizes.choose(times, 1, limits).promptTokens()).isLessThan(8);
    }

    @ParameterizedTest
    @EnumSource
    void who_reads_along_hardly_notices_that_a_long_prompt_is_read(Curve curve) throws Exception {
        var pipeline = new PacedPipeline(curve.millis(), 300);
        Driver driver = driver(pipeline, Speculation.OFF);
        List<TimedReader> readers = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            readers.add(submit(driver, pipeline, 5));
        }
        run(driver, pipeline, 4_000_000);
        readers.forEach(reader -> reader.gapMicros.clear());
        run(driver, pipeline, 8_000_000);
        long before = worstButOnePercent(readers);
        readers.forEach(reader -> reader.gapMicros.clear());
        long micros = microsToRead(driver, pipeline);
        assertThat((double) worstButOnePercent(readers) / before).isLessThan(2);
        assertThat(micros / alone(curve.millis())).as("the prompt gets its share").isLessThan(6);
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 1.8, 3})
    void beside_one_reader_a_prompt_takes_little_longer_than_alone(double slower) throws Exception {
        IntToDoubleFunction millis = tokens -> slower * PacedPipeline.PROCESSOR.applyAsDouble(tokens);
        var pipeline = new PacedPipeline(millis, 300);
        Driver driver = driver(pipeline, Speculation.OFF);
        TimedReader reader = submit(driver, pipeline, 5);
        run(driver, pipeline, 4_000_000);
        reader.gapMicros.clear();
        assertThat(microsToRead(driver, pipeline) / alone(millis)).isLessThan(1.5);
        double bearable = Math.max(StepSizes.BEARABLE_MICROS,
                1000 * StepSizes.BEARABLE_DELAY * millis.applyAsDouble(1));
        assertThat((double) worstButOnePercent(List.of(reader))).isLessThan(1.2 * bearable);
    }

    @Test
    void a_machine_that_was_busy_for_a_while_does_not_let_prompts_crawl_for_ever() throws Exception {
        double[] slower = {6};
        var pipeline = new PacedPipeline(tokens -> slower[0] * PacedPipeline.PROCESSOR.applyAsDouble(tokens), 300);
        Driver driver = driver(pipeline, Speculation.OFF);
        submit(driver, pipeline, 5);
        run(driver, pipeline, 4_000_000);
        microsToRead(driver, pipeline);
        slower[0] = 1;
        run(driver, pipeline, 2_000_000);
        assertThat(microsToRead(driver, pipeline) / alone(PacedPipeline.PROCESSOR)).isLessThan(2);
    }

    private static long microsToRead(Driver driver, PacedPipeline pipeline) throws Exception {
        long from = pipeline.nowMicros();
        TimedReader late = submit(driver, pipeline, PROMPT_TOKENS);
        while (late.tokens == 0) {
            pipeline.turn(driver);
        }
        return pipeline.nowMicros() - from;
    }

    /** Microseconds for a long prompt when all stages read it. */
    private static double alone(IntToDoubleFunction millis) {
        return 1000 * millis.applyAsDouble(256) * PROMPT_TOKENS / 256 / PacedPipeline.STAGES;
    }

    /** 16 KB for each token at 20 Mbit/s: seven times what a card computes in that time. */
    @Test
    void on_a_thin_line_prompts_travel_in_parts_that_hold_nobody_up() throws Exception {
        var pipeline = new PacedPipeline(PacedPipeline.CARD, 10_000, 6_500);
        Driver driver = driver(pipeline, Speculation.OFF);
        TimedReader reader = submit(driver, pipeline, 5);
        run(driver, pipeline, 4_000_000);
        long before = worstButOnePercent(List.of(reader));
        TimedReader late = submit(driver, pipeline, PROMPT_TOKENS);
        run(driver, pipeline, 2_000_000);
        assertThat(late.tokens).as("the prompt takes 13 s on this line").isZero();
        reader.gapMicros.clear();
        long from = pipeline.nowMicros();
        while (late.tokens == 0) {
            pipeline.turn(driver);
        }
        assertThat((double) worstButOnePercent(List.of(reader)) / before).isLessThan(3);
        assertThat((pipeline.nowMicros() - from) / (6_500.0 * PROMPT_TOKENS)).as("the prompt gets its share")
                .isLessThan(4);
    }

    private static void run(Driver driver, PacedPipeline pipeline, long micros) {
        long until = pipeline.nowMicros() + micros;
        while (pipeline.nowMicros() < until) {
            pipeline.turn(driver);
        }
    }

    private static long worstButOnePercent(List<TimedReader> readers) {
        List<Long> gaps = readers.stream().flatMap(reader -> reader.gapMicros.stream()).sorted().toList();
        return gaps.get(gaps.size() * 99 / 100);
    }
}
