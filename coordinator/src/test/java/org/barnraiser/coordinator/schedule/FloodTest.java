package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Consumer;
import org.barnraiser.coordinator.fair.FairLimits;
import org.barnraiser.coordinator.fair.FairQueue;
import org.barnraiser.coordinator.fair.Share;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** One key asks for far more than there is, another one now and then: from the fair queue down to the steps, in a time of its own. */
class FloodTest {
    private static final int CONTEXT_TOKENS = 4096;
    /** Until the times of steps are known. */
    private static final int WARM_UP = 5;
    /** Few would let one that comes at a bad time decide. */
    private static final int QUESTIONS = 300;

    private final Random random = new Random(7);
    private final PriorityQueue<Event> events = new PriorityQueue<>(Comparator.comparingLong(Event::atMicros));
    private final List<Long> firstTokens = new ArrayList<>();

    private record Event(long atMicros, Runnable what) {}

    @ParameterizedTest(name = "{0}, {1} at once with prompts of {2} tokens and answers of {3}, {4} slots, asked every {5} s")
    @CsvSource({"PROCESSOR,24,300,128,8,5", "PROCESSOR,24,20,500,8,5", "PROCESSOR,24,1000,100,8,5",
            "CARD,24,300,128,8,5", "CARD,64,2000,50,8,5", "PROCESSOR,24,300,128,4,2", "PROCESSOR,24,1000,100,4,2",
            "CARD,24,300,128,4,2", "CARD,64,2000,50,4,2", "PROCESSOR,24,300,128,2,5", "PROCESSOR,24,1000,100,2,2",
            "CARD,64,2000,50,2,2", "PROCESSOR,24,300,128,1,5", "PROCESSOR,24,1000,100,1,5"})
    void a_key_that_floods_does_not_double_the_time_to_anothers_first_token(StepSizesTest.Curve curve, int atOnce,
            int promptTokens, int answerTokens, int slots, int secondsBetween) throws Exception {
        double idle = p95(curve, 0, promptTokens, answerTokens, slots, secondsBetween);
        double flooded = p95(curve, atOnce, promptTokens, answerTokens, slots, secondsBetween);
        assertThat(flooded / idle).as("p95 of %.0f ms flooded, %.0f ms idle", flooded / 1000, idle / 1000)
                .isLessThan(2);
    }

    /** The aim is missed here: all that is in flight belongs to one long prompt, in chunks that suit the card. */
    @Test
    void with_one_slot_on_a_card_a_flood_costs_what_is_under_way() throws Exception {
        double idle = p95(StepSizesTest.Curve.CARD, 0, 2_000, 50, 1, 2);
        double flooded = p95(StepSizesTest.Curve.CARD, 64, 2_000, 50, 1, 2);
        assertThat(flooded - idle).as("microseconds more than %.0f", idle).isLessThan(100_000);
    }

    /** Microseconds to the first token of who asks for one answer now and then. */
    private double p95(StepSizesTest.Curve curve, int atOnce, int promptTokens, int answerTokens, int slots,
            int secondsBetween) throws Exception {
        var pipeline = new PacedPipeline(curve.millis(), 300);
        Driver driver = new Driver(1, new DriverLimits(slots, 2 * slots, CONTEXT_TOKENS, slots * CONTEXT_TOKENS, 256,
                PacedPipeline.STAGES + 2, 0, 600_000, DriverLimits.DEFAULT_LEAST_SILENCE, true, Speculation.OFF),
                pipeline);
        firstTokens.clear();
        try (var generations = new Generations(
                new GenerationLimits(CONTEXT_TOKENS, 1_000, GenerationLimits.DEFAULT_PATIENCE), pipeline,
                new FakeClock())) {
            generations.attach(driver::submit);
            var queue = new FairQueue(FairLimits.of(slots), generations::start, () -> 1);
            for (int number = 0; number < atOnce; number++) {
                flood(queue, promptTokens, answerTokens);
            }
            for (int number = 1; number <= WARM_UP + QUESTIONS; number++) {
                long due = number * 1_000_000L * secondsBetween + random.nextInt(500_000);
                events.add(new Event(due, () -> ask(queue, "calm", request(80, 16),
                        new Reader(_ -> firstTokens.add(pipeline.nowMicros() - due), () -> {}))));
            }
            while (firstTokens.size() < WARM_UP + QUESTIONS) {
                while (!events.isEmpty() && events.peek().atMicros() <= pipeline.nowMicros()) {
                    events.remove().what().run();
                }
                pipeline.turn(driver, events.isEmpty() ? Long.MAX_VALUE : events.peek().atMicros());
            }
        }
        events.clear();
        List<Long> sorted = firstTokens.stream().skip(WARM_UP).sorted().toList();
        return sorted.get(sorted.size() * 95 / 100);
    }

    /** One question after the other. */
    private void flood(FairQueue queue, int promptTokens, int answerTokens) {
        ask(queue, "flood", request(promptTokens, 1 + random.nextInt(2 * answerTokens)),
                new Reader(_ -> {}, () -> events.add(new Event(0, () -> flood(queue, promptTokens, answerTokens)))));
    }

    private void ask(FairQueue queue, String account, GenerationRequest request, GenerationListener listener) {
        try {
            var _ = queue.generate(new Share(account, 1), request, listener);
        } catch (ModelUnavailableException refused) {
            throw new AssertionError(refused);
        }
    }

    private GenerationRequest request(int promptTokens, int answerTokens) {
        return new GenerationRequest(ImmutableIntArray.copyOf(random.ints(promptTokens, 0, 1_000).toArray()),
                answerTokens, SamplingParameters.getDefaultInstance());
    }

    private static final class Reader implements GenerationListener {
        private final Consumer<SampledToken> onFirst;
        private final Runnable onEnd;
        private boolean begun;

        Reader(Consumer<SampledToken> onFirst, Runnable onEnd) {
            this.onFirst = onFirst;
            this.onEnd = onEnd;
        }

        @Override
        public void onPromptReused(int tokens) {}

        @Override
        public void onToken(SampledToken token) {
            if (!begun) {
                begun = true;
                onFirst.accept(token);
            }
        }

        @Override
        public void onEnd(GenerationEnd end) {
            onEnd.run();
        }
    }
}
