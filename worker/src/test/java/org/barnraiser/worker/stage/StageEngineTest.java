package org.barnraiser.worker.stage;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.HiddenStates;
import org.barnraiser.proto.HiddenStates.Encoding;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.Span.Wanted;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepFailure;
import org.barnraiser.proto.StepFailure.Kind;
import org.barnraiser.proto.StepResult;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.worker.stage.Steps.add;
import static org.barnraiser.worker.stage.Steps.begin;
import static org.barnraiser.worker.stage.Steps.copy;
import static org.barnraiser.worker.stage.Steps.drop;
import static org.barnraiser.worker.stage.Steps.greedy;
import static org.barnraiser.worker.stage.Steps.step;
import static org.barnraiser.worker.stage.Steps.verify;
import static org.barnraiser.worker.stage.Steps.warm;

class StageEngineTest {
    private static final int MAX_STEP_TOKENS = 64;
    private static final int CACHE_TOKENS = 256;

    private TestModel model;
    private StageEngine engine;
    private long number;

    @BeforeEach
    void open() throws Exception {
        model = TestModel.stories();
        engine = open(true, true);
    }

    @AfterEach
    void close() {
        if (engine != null) { // skipped
            engine.close();
        }
    }

    LlamaLibrary library() throws LlamaException {
        return TestModel.bundledLibrary();
    }

    private StageEngine open(boolean head, boolean tail) throws Exception {
        var settings = new StageSettings(4, 200, CACHE_TOKENS, MAX_STEP_TOKENS, 1, 0);
        return StageEngine.open(library(), model.file(), model.spec(head, tail),
                head ? Optional.of(model.embedding()) : Optional.empty(), settings, Long.MAX_VALUE);
    }

    @Test
    void greedy_text_is_llama_cpp_s_own() throws Exception {
        int[] prompt = engine.vocabulary().tokenize("Once upon a time", true, false);
        String text = generate(prompt, 60, greedy());
        assertThat("Once upon a time" + text).startsWith(
                "Once upon a time, there was a little girl named Lily. She loved to play outside in the park.");
    }

    @Test
    void a_prompt_in_chunks_gives_the_same_token_as_in_one() {
        int[] prompt = tokens(40);
        int whole = sampleAfter(0, prompt);
        run(edits(drop(0, 0, 0), begin(0, 40, greedy())));
        for (int at = 0; at < 40; at += 10) {
            int[] chunk = java.util.Arrays.copyOfRange(prompt, at, at + 10);
            StepResult result = run(add(next(), 0, at, at == 30 ? Wanted.SAMPLE : Wanted.NOTHING, chunk));
            if (at == 30) {
                assertThat(onlyToken(result)).isEqualTo(whole);
            } else {
                assertThat(result.getSpansList()).isEmpty();
            }
        }
    }

    @Test
    void spans_of_many_slots_share_a_step() {
        int[] first = tokens(7);
        int[] second = tokens(13);
        int a = sampleAfter(0, first);
        int b = sampleAfter(1, second);
        var step = next().addEdits(begin(2, 7, greedy())).addEdits(begin(3, 13, greedy()));
        add(step, 2, 0, Wanted.SAMPLE, first);
        add(step, 3, 0, Wanted.SAMPLE, second);
        StepResult result = run(step);
        assertThat(result.getSpansList()).extracting(span -> span.getSampled(0).getToken()).containsExactly(a, b);
        assertThat(result.getSpansList()).extracting(span -> span.getSlot()).containsExactly(2, 3);
        assertThat(result.getSpans(1).getSampled(0).getPosition()).isEqualTo(13);
    }

    @Test
    void a_copied_prefix_goes_on_like_the_original() {
        int[] prompt = tokens(30);
        int token = sampleAfter(0, prompt);
        var step = next().addEdits(copy(0, 1, 29)).addEdits(begin(1, 30, greedy()));
        assertThat(onlyToken(run(add(step, 1, 29, Wanted.SAMPLE, prompt[29])))).isEqualTo(token);
    }

    @Test
    void a_dropped_end_can_be_fed_again() {
        int[] prompt = tokens(30);
        int token = sampleAfter(0, prompt);
        run(add(next(), 0, 30, Wanted.NOTHING, 5, 6, 7));
        int[] again = java.util.Arrays.copyOfRange(prompt, 20, 30);
        assertThat(onlyToken(run(add(next().addEdits(drop(0, 20, 0)), 0, 20, Wanted.SAMPLE, again)))).isEqualTo(token);
    }

    @Test
    void every_step_carries_its_number_and_a_timing() {
        StepResult result = engine.finish(add(step(7), 0, 0, Wanted.NOTHING, 1, 2).build(), StagePlace.ALONE, 123);
        assertThat(result.getNumber()).isEqualTo(7);
        assertThat(result.getEpoch()).isEqualTo(1);
        assertThat(result.getTimings(0).getQueueMicros()).isEqualTo(123);
        assertThat(result.getTimings(0).getComputeMicros()).isPositive();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("contradictions")
    void a_step_that_contradicts_the_state_is_refused_and_changes_nothing(String reason,
            Consumer<Step.Builder> change) {
        run(add(next(), 0, 0, Wanted.NOTHING, tokens(10)));
        var bad = next();
        change.accept(bad);
        StepResult result = run(bad);
        assertThat(result.getFailure().getKind()).isEqualTo(Kind.BAD_STEP);
        assertThat(result.getFailure().getReason()).contains(reason);
        assertThat(result.getSpansList()).isEmpty();
        assertThat(run(add(next(), 0, 10, Wanted.NOTHING, 3)).hasFailure()).isFalse();
    }

    static Stream<Arguments> contradictions() {
        return Stream.of(refused("holds 10 positions", step -> add(step, 0, 9, Wanted.NOTHING, 1)),
                refused("holds 10 positions", step -> add(step, 0, 11, Wanted.NOTHING, 1)),
                refused("holds 0 positions", step -> add(step, 1, 1, Wanted.NOTHING, 1)),
                refused("slot 4", step -> add(step, 4, 0, Wanted.NOTHING, 1)),
                refused("slot -1", step -> add(step, -1, 0, Wanted.NOTHING, 1)),
                refused("token 512", step -> add(step, 0, 10, Wanted.NOTHING, 512)),
                refused("token -1", step -> add(step, 0, 10, Wanted.NOTHING, -1)),
                refused("at most 64", step -> add(step, 0, 10, Wanted.NOTHING, tokens(65))),
                refused("but it carries", step -> add(step, 0, 10, Wanted.NOTHING, 1).addTokens(2)),
                refused("a span has 0 tokens", step -> add(step.addTokens(1), 0, 10, Wanted.NOTHING)),
                refused("more spans than tokens", step -> add(step, 0, 10, Wanted.NOTHING)),
                refused("drafts", step -> verify(step, 0, 10, 0, 1, 2)),
                refused("slot 9", step -> step.addEdits(drop(0, 0, 0)).addEdits(drop(9, 0, 0))),
                refused("no range", step -> step.addEdits(drop(0, 5, 3))),
                refused("no range", step -> step.addEdits(drop(0, -1, 0))),
                refused("onto itself", step -> step.addEdits(copy(0, 0, 0))),
                refused("edit is empty", step -> step.addEdits(CacheEdit.getDefaultInstance())),
                refused("no range", step -> step.addEdits(begin(0, -4, greedy()))),
                refused("cache edits", step -> {
                    for (int i = 0; i < 5000; i++) {
                        step.addEdits(drop(1, 0, 0));
                    }
                }));
    }

    private static Arguments refused(String reason, Consumer<Step.Builder> change) {
        return Arguments.of(reason, change);
    }

    @Test
    void a_sequence_cannot_outgrow_the_context() {
        for (int at = 0; at < 192; at += 64) {
            assertThat(run(add(next(), 0, at, Wanted.NOTHING, tokens(64))).hasFailure()).isFalse();
        }
        assertThat(run(add(next(), 0, 192, Wanted.NOTHING, tokens(9))).getFailure().getReason()).contains("context");
        assertThat(run(add(next(), 0, 192, Wanted.NOTHING, tokens(8))).hasFailure()).isFalse();
    }

    @Test
    void a_full_cache_fails_the_step_and_leaves_the_slots_as_they_were() {
        int[] prompt = tokens(64);
        for (int slot = 0; slot < 4; slot++) {
            assertThat(run(add(next(), slot, 0, Wanted.NOTHING, prompt)).hasFailure()).isFalse();
        }
        StepResult full = run(add(next(), 1, 64, Wanted.NOTHING, 1, 2, 3));
        assertThat(full.getFailure().getKind()).as(full.getFailure().getReason()).isEqualTo(Kind.CACHE_FULL);
        StepResult result = run(add(next().addEdits(drop(0, 0, 0)).addEdits(begin(1, 0, greedy())), 1, 64,
                Wanted.SAMPLE, 1, 2, 3));
        assertThat(result.hasFailure()).isFalse();
    }

    @Test
    void a_step_that_failed_before_has_its_edits_applied_and_nothing_computed() {
        run(add(next(), 0, 0, Wanted.NOTHING, tokens(10)));
        var failure = StepFailure.newBuilder().setKind(Kind.ENGINE).setReason("It broke.").build();
        StepResult result = run(add(next().addEdits(drop(0, 4, 0)), 0, 4, Wanted.SAMPLE, 1).setFailure(failure));
        assertThat(result.getFailure()).isEqualTo(failure);
        assertThat(run(add(next(), 0, 4, Wanted.NOTHING, 9)).hasFailure()).isFalse();
    }

    @Test
    void verified_drafts_give_the_tokens_that_sampling_one_by_one_gives() {
        int[] prompt = tokens(20);
        List<Integer> expected = continueAfter(prompt, 4, warm(9));
        int[] right = {prompt[19], expected.get(0), expected.get(1), expected.get(2)};
        run(add(next().addEdits(drop(0, 0, 0)).addEdits(begin(0, 20, warm(9))), 0, 0, Wanted.NOTHING,
                java.util.Arrays.copyOf(prompt, 19)));
        StepResult all = run(verify(next(), 0, 19, 1, right));
        assertThat(tokensOf(all)).isEqualTo(expected);

        right[2] = (right[2] + 1) % 512;
        StepResult some = run(verify(next().addEdits(drop(0, 19, 0)), 0, 19, 1, right));
        assertThat(tokensOf(some)).isEqualTo(expected.subList(0, 2));
        assertThat(some.getSpans(0).getSampledList()).extracting(SampledToken::getPosition).containsExactly(20, 21);

        StepResult rest = run(add(next().addEdits(drop(0, 21, 0)), 0, 21, Wanted.SAMPLE, expected.get(1)));
        assertThat(tokensOf(rest)).isEqualTo(expected.subList(2, 3));
    }

    @Test
    void drafts_are_what_would_be_sampled_one_after_the_other() {
        int[] prompt = tokens(9);
        List<Integer> expected = new ArrayList<>();
        for (int at = 9; at < 15; at++) {
            expected.add(at == 9
                    ? sampleAfter(0, prompt)
                    : onlyToken(run(add(next(), 0, at - 1, Wanted.SAMPLE, expected.getLast()))));
        }
        var step = next().addEdits(begin(1, 9, greedy())).addEdits(begin(2, 9, greedy()));
        draft(step, 1, 6, prompt);
        draft(step, 2, 2, prompt);
        StepResult result = run(step);
        assertThat(result.getSpans(0).getSampledList()).extracting(SampledToken::getToken)
                .containsExactlyElementsOf(expected);
        assertThat(result.getSpans(0).getSampled(5).getPosition()).isEqualTo(14);
        assertThat(result.getSpans(1).getSampledList()).extracting(SampledToken::getToken)
                .containsExactlyElementsOf(expected.subList(0, 2));
        // All but the last are in the cache.
        assertThat(run(add(next(), 1, 13, Wanted.NOTHING, 3)).getFailure().getReason()).contains("14 positions");
        assertThat(run(add(next(), 2, 10, Wanted.SAMPLE, expected.get(1))).getSpans(0).getSampled(0).getToken())
                .isEqualTo(expected.get(2));
    }

    @Test
    void drafts_end_where_the_context_does() {
        for (int at = 0; at < 192; at += 64) {
            run(add(next(), 0, at, Wanted.NOTHING, tokens(64)));
        }
        var step = next().addEdits(begin(0, 192, greedy().setIgnoreEnd(true)));
        add(step, 0, 192, Wanted.DRAFT, tokens(6));
        step.getSpansBuilder(0).setDraftCount(9);
        StepResult result = run(step);
        assertThat(result.hasFailure()).isFalse();
        assertThat(result.getSpans(0).getSampledCount()).isEqualTo(3);
    }

    private static void draft(Step.Builder step, int slot, int count, int... prompt) {
        add(step, slot, 0, Wanted.DRAFT, prompt);
        step.getSpansBuilder(step.getSpansCount() - 1).setDraftCount(count);
    }

    @Test
    void a_slot_without_a_sequence_fails_its_span_alone() {
        var step = next().addEdits(begin(0, 3, greedy()));
        add(step, 0, 0, Wanted.SAMPLE, 1, 2, 3);
        add(step, 1, 0, Wanted.SAMPLE, 1, 2, 3);
        StepResult result = run(step);
        assertThat(result.getSpans(0).getSampledCount()).isEqualTo(1);
        assertThat(result.getSpans(1).getFailure()).contains("No sequence");
        assertThat(result.getSpans(1).getSampledCount()).isZero();
    }

    @Test
    void clearing_forgets_everything() throws Exception {
        run(add(next().addEdits(begin(0, 0, greedy())), 0, 0, Wanted.NOTHING, 1, 2, 3));
        engine.clear();
        StepResult result = run(add(next(), 0, 0, Wanted.SAMPLE, 1, 2, 3));
        assertThat(result.hasFailure()).isFalse();
        assertThat(result.getSpans(0).getFailure()).contains("No sequence");
    }

    @ParameterizedTest
    @EnumSource(value = Encoding.class, names = "UNRECOGNIZED", mode = EnumSource.Mode.EXCLUDE)
    void a_head_hands_on_hidden_states_and_a_later_stage_takes_them(Encoding wire) throws Exception {
        try (StageEngine head = open(true, false); StageEngine tail = open(false, true)) {
            Step step = head.process(
                    add(next().addEdits(begin(0, 9, greedy())), 0, 0, Wanted.SAMPLE, tokens(9)).build(),
                    new StagePlace(0, wire), 0);
            assertThat(step.getHidden().getEncoding()).isEqualTo(wire);
            assertThat(step.getHidden().getData().size())
                    .isEqualTo((int) HiddenStateCodec.encodedBytes(wire, 9L * model.width()));
            StepResult result = tail.finish(step, new StagePlace(1, Encoding.F32), 0);
            assertThat(result.hasFailure()).isFalse();
            assertThat(result.getSpans(0).getSampledCount()).isEqualTo(1);
            assertThat(result.getTimingsCount()).isEqualTo(2);
        }
    }

    @Test
    void hidden_states_of_the_wrong_size_are_refused() throws Exception {
        engine.close();
        engine = open(false, true); // a tail that is not the head
        var step = add(next(), 0, 0, Wanted.NOTHING, 1, 2);
        assertThat(run(step).getFailure().getReason()).contains("0 bytes instead of 512");
        step.setHidden(HiddenStates.newBuilder().setData(ByteString.copyFrom(new byte[511])));
        assertThat(run(step).getFailure().getReason()).contains("511 bytes");
        step.setHidden(HiddenStates.newBuilder().setEncodingValue(9).setData(ByteString.copyFrom(new byte[512])));
        assertThat(run(step).getFailure().getReason()).contains("unknown encoding");
        step.setHidden(HiddenStates.newBuilder().setData(ByteString.copyFrom(new byte[512])));
        assertThat(run(step).hasFailure()).isFalse();
    }

    @Test
    void a_failing_head_hands_on_the_edits_and_the_reason_without_hidden_states() throws Exception {
        try (StageEngine head = open(true, false)) {
            Step failed = head.process(add(next().addEdits(drop(1, 0, 0)), 0, 5, Wanted.SAMPLE, 1).build(),
                    StagePlace.ALONE, 0);
            assertThat(failed.getFailure().getKind()).isEqualTo(Kind.BAD_STEP);
            assertThat(failed.hasHidden()).isFalse();
            assertThat(failed.getEditsCount()).isEqualTo(1);
        }
    }

    private static int[] tokens(int count) {
        return new java.util.Random(count).ints(count, 3, 512).toArray();
    }

    private Step.Builder next() {
        return step(++number);
    }

    private Step.Builder edits(CacheEdit... edits) {
        return next().addAllEdits(List.of(edits));
    }

    private StepResult run(Step.Builder step) {
        return engine.finish(step.build(), StagePlace.ALONE, 0);
    }

    private int sampleAfter(int slot, int[] prompt) {
        return onlyToken(run(add(edits(drop(slot, 0, 0), begin(slot, prompt.length, greedy())), slot, 0, Wanted.SAMPLE,
                prompt)));
    }

    private List<Integer> continueAfter(int[] prompt, int count, SamplingParameters.Builder sampling) {
        var tokens = new ArrayList<Integer>();
        int token = onlyToken(run(add(edits(drop(0, 0, 0), begin(0, prompt.length, sampling)), 0, 0, Wanted.SAMPLE,
                prompt)));
        tokens.add(token);
        for (int at = prompt.length; tokens.size() < count; at++) {
            token = onlyToken(run(add(next(), 0, at, Wanted.SAMPLE, token)));
            tokens.add(token);
        }
        return tokens;
    }

    private String generate(int[] prompt, int count, SamplingParameters.Builder sampling) {
        var text = new StringBuilder();
        for (int token : continueAfter(prompt, count, sampling)) {
            text.append(new String(engine.vocabulary().piece(token), java.nio.charset.StandardCharsets.UTF_8));
        }
        return text.toString();
    }

    private static int onlyToken(StepResult result) {
        assertThat(result.getFailure().getReason()).isEmpty();
        assertThat(result.getSpansList()).hasSize(1);
        assertThat(result.getSpans(0).getFailure()).isEmpty();
        assertThat(result.getSpans(0).getSampledList()).hasSize(1);
        return result.getSpans(0).getSampled(0).getToken();
    }

    private static List<Integer> tokensOf(StepResult result) {
        assertThat(result.getFailure().getReason()).isEmpty();
        return result.getSpans(0).getSampledList().stream().map(SampledToken::getToken).toList();
    }
}
