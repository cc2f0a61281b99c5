package org.barnraiser.coordinator.fair;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.SampledToken;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

class FairQueueTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private final Map<String, Long> tokens = new HashMap<>();
    private final Random random = new Random(7);

    /** Hears an answer of one account. */
    private final class Reader implements GenerationListener {
        private final Pipeline pipeline;
        private final String account;
        private final long askedNanos;
        private final List<Long> firstTokens;
        private final Runnable then;
        private boolean first = true;
        private GenerationEnd end = new GenerationEnd.Cancelled();

        Reader(Pipeline pipeline, String account, List<Long> firstTokens, Runnable then) {
            this.pipeline = pipeline;
            this.account = account;
            this.askedNanos = pipeline.dueNanos();
            this.firstTokens = firstTokens;
            this.then = then;
        }

        @Override
        public void onPromptReused(int promptTokens) {}

        @Override
        public void onToken(SampledToken token) {
            tokens.merge(account, 1L, Long::sum);
            if (first) {
                first = false;
                firstTokens.add(pipeline.read() - askedNanos);
            }
        }

        @Override
        public void onEnd(GenerationEnd ended) {
            end = ended;
            pipeline.at(0, then);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 8, 16})
    void under_saturation_weights_of_one_to_three_get_shares_of_one_to_three(int slots) {
        Pipeline pipeline = new Pipeline(slots);
        FairQueue queue = new FairQueue(FairLimits.of(slots), pipeline::generate, () -> 1, pipeline);
        for (int reader = 0; reader < 2 * slots; reader++) {
            askForEver(pipeline, queue, new Share("light", 1), 200);
            askForEver(pipeline, queue, new Share("heavy", 3), 200);
        }
        pipeline.runUntil(4_000 * SECOND);
        assertThat(ratio("heavy", "light")).isCloseTo(3, within(0.3));
        assertThat(pipeline.mostAtOnce).isEqualTo(slots);
        assertThat(pipeline.timesAside).as("but for the beginning, nobody's answers give way")
                .isLessThanOrEqualTo(slots);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 8})
    void shares_stay_one_to_three_while_a_third_asks_now_and_then(int slots) {
        Pipeline pipeline = new Pipeline(slots);
        FairQueue queue = new FairQueue(FairLimits.of(slots), pipeline::generate, () -> 1, pipeline);
        for (int reader = 0; reader < 2 * slots; reader++) {
            askForEver(pipeline, queue, new Share("light", 1), 200);
            askForEver(pipeline, queue, new Share("heavy", 3), 200);
        }
        for (int question = 0; question < 200; question++) {
            pipeline.at(question * 20L * SECOND, () -> ask(pipeline, queue, new Share("calm", 1),
                    Pipeline.request(20, 20), new ArrayList<>(), () -> {}));
        }
        pipeline.runUntil(4_000 * SECOND);
        assertThat(ratio("heavy", "light")).isCloseTo(3, within(0.3));
    }

    /** One question after the other, each as long as it happens to be. */
    private void askForEver(Pipeline pipeline, FairQueue queue, Share share, int longest) {
        ask(pipeline, queue, share, Pipeline.request(20, 1 + random.nextInt(longest)), new ArrayList<>(),
                () -> askForEver(pipeline, queue, share, longest));
    }

    private Generation ask(Pipeline pipeline, FairQueue queue, Share share, GenerationRequest request,
            List<Long> firstTokens,
            Runnable then) {
        try {
            return queue.generate(share, request, new Reader(pipeline, share.account(), firstTokens, then));
        } catch (ModelUnavailableException full) {
            throw new AssertionError(full);
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1", "2,1", "2,2", "4,1", "4,3", "4,8", "8,1", "8,6"})
    void floods_do_not_raise_anothers_time_to_first_token_above_twice_its_idle_value(int slots, int floods) {
        double idle = p95(calmReader(slots, 0));
        double flooded = p95(calmReader(slots, floods));
        assertThat(flooded / idle).as("p95 %s ms flooded, %s ms idle", flooded / 1e6, idle / 1e6).isLessThan(2);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "2,2", "4,8"})
    void answers_that_give_way_come_to_their_ends_and_lose_little(int slots, int floods) {
        Map<String, Long> alone = Map.copyOf(flooded(slots, floods, 0));
        tokens.clear();
        Map<String, Long> beside = flooded(slots, floods, 150);
        assertThat(beside.get("calm")).as("every answer is whole").isEqualTo(150 * 60L);
        long lost = alone.values().stream().mapToLong(Long::longValue).sum()
                - beside.values().stream().mapToLong(Long::longValue).sum();
        assertThat(lost).as("tokens that reading anew costs").isLessThan(150 * 60L);
    }

    private Map<String, Long> flooded(int slots, int floods, int questions) {
        Pipeline pipeline = new Pipeline(slots);
        FairQueue queue = new FairQueue(FairLimits.of(slots), pipeline::generate, () -> 1, pipeline);
        List<Long> ended = new ArrayList<>();
        for (int number = 0; number < floods; number++) {
            Share flood = new Share("flood " + number, 1);
            askForEver(pipeline, queue, flood, 500);
            for (int more = 0; more < slots; more++) {
                askForEver(pipeline, queue, flood, 500);
            }
        }
        for (int question = 0; question < questions; question++) {
            pipeline.at(question * 10L * SECOND + SECOND, () -> ask(pipeline, queue, new Share("calm", 1),
                    Pipeline.request(200, 60), new ArrayList<>(), () -> ended.add(pipeline.read())));
        }
        pipeline.runUntil(1_600 * SECOND);
        assertThat(ended).hasSize(questions);
        assertThat(questions == 0 || pipeline.timesAside > questions / 2).as("it is tried").isTrue();
        return tokens;
    }

    @Test
    void those_who_ask_for_one_answer_at_a_time_wait_for_each_other() {
        Pipeline pipeline = new Pipeline(2);
        FairQueue queue = new FairQueue(FairLimits.of(2), pipeline::generate, () -> 1, pipeline);
        for (String reader : List.of("a", "b", "c", "d", "e")) {
            askForEver(pipeline, queue, new Share(reader, 1), 100);
        }
        pipeline.runUntil(1_000 * SECOND);
        assertThat(pipeline.timesAside).isZero();
        assertThat(ratio("a", "e")).isCloseTo(1, within(0.1));
    }

    @Test
    void who_was_served_more_makes_nobody_give_way() {
        Pipeline pipeline = new Pipeline(1);
        FairQueue queue = new FairQueue(FairLimits.of(1), pipeline::generate, () -> 1, pipeline);
        for (int reader = 0; reader < 3; reader++) {
            askForEver(pipeline, queue, new Share("many", 1), 100);
        }
        // Asks for one after the other, and so for all that there is.
        askForEver(pipeline, queue, new Share("one by one", 1), 100);
        pipeline.runUntil(2_000 * SECOND);
        assertThat(ratio("many", "one by one")).isCloseTo(1, within(0.1));
    }

    @Test
    void an_answer_that_was_set_aside_can_be_cancelled_and_leaves_nothing() throws ModelUnavailableException {
        Pipeline pipeline = new Pipeline(1);
        FairQueue queue = new FairQueue(FairLimits.of(1), pipeline::generate, () -> 1, pipeline);
        Reader aside = new Reader(pipeline, "flood", new ArrayList<>(), () -> {});
        Generation first = queue.generate(new Share("flood", 1), Pipeline.request(5, 50), aside);
        Generation second = enter(queue, pipeline, "flood");
        var _ = enter(queue, pipeline, "calm");
        assertThat(pipeline.timesAside).isEqualTo(1);
        assertThat(queue.waiting()).isEqualTo(2);
        first.cancel();
        assertThat(aside.end).isInstanceOf(GenerationEnd.Cancelled.class);
        assertThat(queue.waiting()).isEqualTo(1);
        pipeline.runUntil(10 * SECOND);
        assertThat(tokens).containsEntry("calm", 5L).containsEntry("flood", 5L);
        second.cancel();
        assertThat(queue.waiting()).isZero();
    }

    /** Times to the first token of somebody who asks about something longer every ten seconds. */
    private List<Long> calmReader(int slots, int floods) {
        Pipeline pipeline = new Pipeline(slots);
        FairQueue queue = new FairQueue(FairLimits.of(slots), pipeline::generate, () -> 1, pipeline);
        List<Long> firstTokens = new ArrayList<>();
        for (int question = 0; question < 150; question++) {
            pipeline.at(question * 10L * SECOND + SECOND,
                    () -> ask(pipeline, queue, new Share("calm", 1), Pipeline.request(200, 60), firstTokens, () -> {}));
        }
        for (int number = 0; number < floods; number++) {
            Share flood = new Share("flood " + number, 1);
            for (int tick = 0; tick < 3_000; tick++) {
                pipeline.at(tick * SECOND / 2 + 5 * SECOND, () -> flood(pipeline, queue, flood));
            }
        }
        pipeline.runUntil(1_500 * SECOND);
        assertThat(firstTokens).hasSize(150);
        return firstTokens;
    }

    private void flood(Pipeline pipeline, FairQueue queue, Share share) {
        try {
            var _ = queue.generate(share, Pipeline.request(20, 500),
                    new Reader(pipeline, share.account(), new ArrayList<>(), () -> {}));
        } catch (ModelUnavailableException full) {
            assertThat(full.isQueueFull()).isTrue();
        }
    }

    private static double p95(List<Long> nanos) {
        return nanos.stream().sorted().toList().get((int) (nanos.size() * 0.95));
    }

    @Test
    void who_comes_back_does_not_get_what_was_not_asked_for() {
        Pipeline pipeline = new Pipeline(1);
        FairQueue queue = new FairQueue(FairLimits.of(1), pipeline::generate, () -> 1, pipeline);
        askForEver(pipeline, queue, new Share("busy", 1), 50);
        askForEver(pipeline, queue, new Share("busy", 1), 50);
        pipeline.runUntil(1_000 * SECOND);
        askForEver(pipeline, queue, new Share("back", 1), 50);
        askForEver(pipeline, queue, new Share("back", 1), 50);
        tokens.clear();
        pipeline.runUntil(1_200 * SECOND);
        assertThat(ratio("back", "busy")).isCloseTo(1, within(0.1));
    }

    @Test
    void one_account_alone_gets_all_slots() {
        Pipeline pipeline = new Pipeline(4);
        FairQueue queue = new FairQueue(FairLimits.of(4), pipeline::generate, () -> 1, pipeline);
        for (int reader = 0; reader < 6; reader++) {
            askForEver(pipeline, queue, new Share("alone", 1), 50);
        }
        pipeline.runUntil(10 * SECOND);
        assertThat(pipeline.mostAtOnce).isEqualTo(4);
        assertThat(queue.waiting()).isEqualTo(2);
    }

    @Test
    void lines_end_somewhere_and_one_accounts_full_line_is_not_anothers() throws ModelUnavailableException {
        Pipeline pipeline = new Pipeline(1);
        FairQueue queue = new FairQueue(new FairLimits(1, 2, 3, Duration.ZERO), pipeline::generate, () -> 1, pipeline);
        for (int i = 0; i < 3; i++) {
            var _ = enter(queue, pipeline, "a");
        }
        assertThatThrownBy(() -> enter(queue, pipeline, "a")).isInstanceOf(ModelUnavailableException.class)
                .matches(full -> ((ModelUnavailableException) full).isQueueFull());
        Generation other = enter(queue, pipeline, "b");
        assertThatThrownBy(() -> enter(queue, pipeline, "b")).isInstanceOf(ModelUnavailableException.class);
        other.cancel();
        var _ = enter(queue, pipeline, "b");
        assertThat(queue.waiting()).isEqualTo(3);
    }

    @Test
    void who_leaves_while_waiting_hears_it_and_leaves_its_place() throws ModelUnavailableException {
        Pipeline pipeline = new Pipeline(1);
        FairQueue queue = new FairQueue(FairLimits.of(1), pipeline::generate, () -> 1, pipeline);
        Generation running = enter(queue, pipeline, "a");
        Reader waiting = new Reader(pipeline, "b", new ArrayList<>(), () -> {});
        Generation second = queue.generate(new Share("b", 1), Pipeline.request(5, 5), waiting);
        second.cancel();
        second.cancel();
        assertThat(waiting.end).isInstanceOf(GenerationEnd.Cancelled.class);
        assertThat(queue.waiting()).isZero();
        running.cancel();
        var _ = enter(queue, pipeline, "c");
        pipeline.runUntil(10 * SECOND);
        assertThat(tokens).containsEntry("c", 5L);
    }

    @Test
    void a_model_that_refuses_tells_who_asks_now_and_who_waited() throws ModelUnavailableException {
        Pipeline pipeline = new Pipeline(1);
        boolean[] gone = {false};
        FairQueue queue = new FairQueue(FairLimits.of(1), (request, listener) -> {
            if (gone[0]) {
                throw new ModelUnavailableException("The machines are gone.", 5);
            }
            return pipeline.generate(request, listener);
        }, () -> 1, pipeline);
        Generation running = enter(queue, pipeline, "a");
        Reader waiting = new Reader(pipeline, "b", new ArrayList<>(), () -> {});
        var _ = queue.generate(new Share("b", 1), Pipeline.request(5, 5), waiting);
        gone[0] = true;
        running.cancel();
        assertThat(waiting.end).isEqualTo(new GenerationEnd.Failed("The machines are gone.", true));
        assertThatThrownBy(() -> enter(queue, pipeline, "c")).hasMessage("The machines are gone.");
        gone[0] = false;
        var _ = enter(queue, pipeline, "d");
        pipeline.runUntil(10 * SECOND);
        assertThat(tokens).containsEntry("d", 5L);
    }

    /** Begins answers that say nothing by themselves. */
    private static final class Begun implements FairQueue.Starter {
        private final List<GenerationRequest> requests = new ArrayList<>();
        private final List<GenerationListener> listeners = new ArrayList<>();

        @Override
        public Generation generate(GenerationRequest request, GenerationListener listener) {
            requests.add(request);
            listeners.add(listener);
            return () -> {};
        }

        List<Integer> promptLengths() {
            return requests.stream().map(request -> request.promptTokens().length()).toList();
        }
    }

    private void enter(FairQueue queue, String account, int... promptLengths) throws ModelUnavailableException {
        for (int length : promptLengths) {
            var _ = queue.generate(new Share(account, 1), Pipeline.request(length, 5),
                    new Reader(new Pipeline(1), account, new ArrayList<>(), () -> {}));
        }
    }

    @Test
    void a_question_keeps_its_place_in_line_until_the_machines_are_about_to_come_to_it()
            throws ModelUnavailableException {
        Begun begun = new Begun();
        FairQueue queue = new FairQueue(FairLimits.of(8), begun, () -> 1);
        enter(queue, "many", 2_000, 300, 200, 100);
        assertThat(begun.promptLengths()).as("one goes to machines that have nothing to read").containsExactly(2_000);
        begun.listeners.getFirst().onReading(30);
        assertThat(begun.promptLengths()).as("those that are short go together").containsExactly(2_000, 300, 200);
        begun.listeners.get(1).onReading(300);
        assertThat(begun.promptLengths()).containsExactly(2_000, 300, 200, 100);
    }

    @Test
    void each_pipeline_has_its_slots_and_a_question_to_read() throws ModelUnavailableException {
        Begun begun = new Begun();
        AtomicInteger pipelines = new AtomicInteger(2);
        FairQueue queue = new FairQueue(FairLimits.of(2), begun, pipelines::get);
        enter(queue, "many", 2_000, 2_001, 2_002);
        assertThat(begun.promptLengths()).containsExactly(2_000, 2_001);
        begun.listeners.get(0).onReading(2_000);
        enter(queue, "many", 20, 21);
        begun.listeners.get(1).onReading(2_001);
        assertThat(begun.promptLengths()).as("no more than both have slots").containsExactly(2_000, 2_001, 2_002, 20);
        pipelines.set(1);
        begun.listeners.get(0).onEnd(new GenerationEnd.Length());
        assertThat(begun.promptLengths()).as("one pipeline alone is full").hasSize(4);
    }

    @Test
    void who_asks_for_less_goes_before_questions_that_are_not_read_yet() throws ModelUnavailableException {
        Begun begun = new Begun();
        FairQueue queue = new FairQueue(FairLimits.of(8), begun, () -> 1);
        enter(queue, "many", 1_000, 1_001, 1_002);
        enter(queue, "few", 900, 901);
        assertThat(begun.promptLengths()).containsExactly(1_000, 900, 901);
        assertThat(begun.requests.getLast().readFirst()).isTrue();
        enter(queue, "few", 902);
        assertThat(begun.promptLengths()).as("now it asks for as many").hasSize(3);
    }

    @Test
    void questions_that_wait_for_machines_hold_nobody_back_from_hearing_of_it() throws ModelUnavailableException {
        Begun begun = new Begun();
        FairQueue queue = new FairQueue(FairLimits.of(3), begun, () -> 1);
        enter(queue, "many", 1_000, 1_001, 1_002, 1_003);
        begun.listeners.get(0).onPause("The machines are gone.");
        begun.listeners.get(1).onPause("The machines are gone.");
        assertThat(begun.promptLengths()).containsExactly(1_000, 1_001, 1_002);
    }

    @Test
    void what_the_machines_remember_of_a_question_counts_for_nothing() throws ModelUnavailableException {
        Begun begun = new Begun();
        FairQueue queue = new FairQueue(FairLimits.of(2), begun, () -> 1);
        enter(queue, "short", 30);
        enter(queue, "remembered", 400);
        begun.listeners.get(0).onReading(30);
        begun.listeners.get(1).onPromptReused(390);
        begun.listeners.get(1).onReading(10);
        enter(queue, "short", 31);
        enter(queue, "remembered", 401);
        begun.listeners.get(0).onEnd(new GenerationEnd.Length());
        assertThat(begun.promptLengths()).as("it was served less").containsExactly(30, 400, 401);
    }

    private double ratio(String one, String other) {
        return tokens.getOrDefault(one, 0L) / (double) tokens.getOrDefault(other, 1L);
    }

    private Generation enter(FairQueue queue, Pipeline pipeline, String account) throws ModelUnavailableException {
        return queue.generate(new Share(account, 1), Pipeline.request(5, 5),
                new Reader(pipeline, account, new ArrayList<>(), () -> {}));
    }
}
