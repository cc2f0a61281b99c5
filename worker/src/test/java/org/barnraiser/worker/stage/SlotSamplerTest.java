package org.barnraiser.worker.stage;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.LogitBias;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.Span.Wanted;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.TokenLogprob;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.barnraiser.worker.stage.Steps.add;
import static org.barnraiser.worker.stage.Steps.begin;
import static org.barnraiser.worker.stage.Steps.drop;
import static org.barnraiser.worker.stage.Steps.greedy;
import static org.barnraiser.worker.stage.Steps.step;
import static org.barnraiser.worker.stage.Steps.verify;
import static org.barnraiser.worker.stage.Steps.warm;

/** Sampling at the tail, with the real model and the real samplers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SlotSamplerTest {
    private static final int LENGTH = 24;
    private static final String DIGITS = "root ::= [0-9]{3} \"-\" [0-9]{3}";

    private StageEngine engine;
    private int[] prompt;
    private long number;

    @BeforeAll
    void open() throws Exception {
        TestModel model = TestModel.stories();
        var settings = new StageSettings(2, 400, 800, 64, 1, 0);
        engine = StageEngine.open(library(), model.file(), model.spec(true, true),
                Optional.of(model.embedding()), settings, Long.MAX_VALUE);
        prompt = engine.vocabulary().tokenize("Once upon a time", true, false);
    }

    @AfterAll
    void close() {
        if (engine != null) { // skipped
            engine.close();
        }
    }

    LlamaLibrary library() throws LlamaException {
        return TestModel.bundledLibrary();
    }

    @BeforeEach
    void clear() throws Exception {
        engine.clear();
    }

    static Stream<Arguments> everySampler() {
        return Stream.of(kind("greedy", greedy()), kind("temperature", warm(1)),
                kind("high temperature", warm(2).setTemperature(3)), kind("top k", warm(3).setTopK(5)),
                kind("top p", warm(4).setTopP(0.7f)), kind("min p", warm(5).setMinP(0.1f)),
                kind("typical", warm(6).setTypicalP(0.6f)),
                kind("xtc", warm(7).setXtcProbability(0.7f).setXtcThreshold(0.1f)),
                kind("penalties", warm(8).setRepeatPenalty(1.3f).setPresencePenalty(0.5f).setFrequencyPenalty(0.4f)
                        .setPenaltyLastTokens(16)),
                kind("dry", warm(9).setDryMultiplier(1).setDryBase(1.75f).setDryAllowedLength(2).setDryLastTokens(64)
                        .addDrySequenceBreakers("\n")),
                kind("grammar", warm(10).setGrammar("root ::= [a-z ,.]*")),
                kind("mirostat 1", warm(11).setMirostat(1).setMirostatTau(4).setMirostatEta(0.1f)),
                kind("mirostat 2", warm(12).setMirostat(2).setMirostatTau(4).setMirostatEta(0.1f)),
                kind("all together",
                        warm(13).setTopK(40).setTopP(0.95f).setMinP(0.02f).setTypicalP(0.9f).setXtcProbability(0.3f)
                                .setXtcThreshold(0.15f).setRepeatPenalty(1.1f).setPenaltyLastTokens(32)
                                .setDryMultiplier(0.8f).setDryBase(1.75f).setDryAllowedLength(2).setDryLastTokens(100)
                                .setGrammar("root ::= [A-Za-z ,.!?\"']*").setIgnoreEnd(true)));
    }

    private static Arguments kind(String name, SamplingParameters.Builder parameters) {
        return Arguments.of(name, parameters);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everySampler")
    void the_same_seed_gives_the_same_tokens(String name, SamplingParameters.Builder parameters) {
        assertThat(tokens(generate(0, prompt, LENGTH, parameters))).as(name)
                .isEqualTo(tokens(generate(1, prompt, LENGTH, parameters)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everySampler")
    void a_sequence_rebuilt_from_its_tokens_at_any_point_goes_on_the_same(String name,
            SamplingParameters.Builder parameters) {
        List<SpanResult> original = generate(0, prompt, LENGTH, parameters);
        List<Integer> expected = tokens(original);
        for (int kept : new int[]{1, 7, 8, LENGTH - 1}) {
            int[] known = concat(prompt, expected.subList(0, kept));
            float mu = original.get(kept - 1).getMirostatMu();
            var begin = CacheEdit.newBuilder().setBegin(CacheEdit.Begin.newBuilder().setSlot(1)
                    .setGeneratedFromPosition(prompt.length).setSampling(parameters).setMirostatMu(mu)).build();
            List<SpanResult> rest = continued(1, begin, known, LENGTH - kept);
            assertThat(tokens(rest)).as("%s after %d tokens", name, kept)
                    .isEqualTo(expected.subList(kept, LENGTH));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everySampler")
    void a_rewound_sequence_samples_as_if_the_dropped_tokens_had_never_been(String name,
            SamplingParameters.Builder parameters) {
        if (parameters.getMirostat() != 0) {
            return; // mu is not rewound: its owner gives it anew
        }
        List<Integer> expected = tokens(generate(0, prompt, LENGTH, parameters));
        int back = prompt.length + 5;
        var again = step(++number).addEdits(drop(0, back, 0));
        List<Integer> rest = new ArrayList<>();
        int token = expected.get(5);
        SpanResult result = only(add(again, 0, back, Wanted.SAMPLE, token));
        for (int at = back + 1; rest.size() < 10; at++) {
            assertThat(result.getFailure()).as(name).isEmpty();
            rest.add(result.getSampled(0).getToken());
            result = only(add(step(++number), 0, at, Wanted.SAMPLE, rest.getLast()));
        }
        assertThat(rest).as(name).isEqualTo(expected.subList(6, 16));
    }

    @Test
    void another_seed_gives_other_tokens() {
        assertThat(tokens(generate(0, prompt, LENGTH, warm(1))))
                .isNotEqualTo(tokens(generate(1, prompt, LENGTH, warm(2))));
    }

    @Test
    void sampling_follows_the_model_s_probabilities() {
        int draws = 600;
        SpanResult first = generate(0, prompt, 1, warm(0).setTopLogprobs(3)).getFirst();
        TokenLogprob likeliest = first.getSampled(0).getTop(0);
        int hits = 0;
        for (int seed = 1; seed <= draws; seed++) {
            var again = step(++number).addEdits(drop(0, prompt.length - 1, 0))
                    .addEdits(begin(0, prompt.length, warm(seed)));
            SpanResult result = only(add(again, 0, prompt.length - 1, Wanted.SAMPLE, prompt[prompt.length - 1]));
            hits += result.getSampled(0).getToken() == likeliest.getToken() ? 1 : 0;
        }
        double expected = Math.exp(likeliest.getLogprob());
        assertThat(hits / (double) draws).isCloseTo(expected, within(0.08));
    }

    @Test
    void a_grammar_is_obeyed_and_then_ends_the_text() {
        List<SpanResult> results = generate(0, prompt, 9, warm(3).setGrammar(DIGITS));
        var text = new StringBuilder();
        boolean ended = false;
        for (SpanResult result : results) {
            SampledToken token = result.getSampled(0);
            ended = token.getEndOfGeneration();
            if (ended) {
                break;
            }
            text.append(token.getPiece().toString(StandardCharsets.UTF_8));
        }
        assertThat(text.toString()).matches("[0-9]{3}-[0-9]{3}");
        assertThat(ended).isTrue();
    }

    @Test
    void tokens_that_break_the_grammar_fail_the_span_alone() {
        int[] known = concat(prompt, List.of(prompt[1]));
        CacheEdit begin = begin(0, prompt.length, greedy().setGrammar(DIGITS));
        var both = step(++number).addEdits(begin).addEdits(begin(1, known.length, greedy()));
        add(both, 0, 0, Wanted.SAMPLE, known);
        add(both, 1, 0, Wanted.SAMPLE, known);
        var result = engine.finish(both.build(), StagePlace.ALONE, 0);
        assertThat(result.getSpans(0).getFailure()).contains("grammar");
        assertThat(result.getSpans(1).getFailure()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("unusable")
    void unusable_parameters_are_reported_when_a_token_is_wanted(SamplingParameters.Builder parameters, String reason) {
        SpanResult result = generate(0, prompt, 1, parameters).getFirst();
        assertThat(result.getFailure()).contains(reason);
        assertThat(result.getSampledCount()).isZero();
    }

    static Stream<Arguments> unusable() {
        return Stream.of(Arguments.of(greedy().setGrammar("root ::= ("), "grammar"),
                Arguments.of(greedy().setGrammar("root ::= root \"a\""), "grammar"),
                Arguments.of(greedy().setGrammar("root ::= \"a\"{99999999}"), "grammar"),
                Arguments.of(greedy().setGrammar("root ::= " + "(".repeat(5000)), "grammar"),
                Arguments.of(greedy().addLogitBias(LogitBias.newBuilder().setToken(512)), "512"),
                Arguments.of(greedy().addLogitBias(LogitBias.newBuilder().setBias(Float.NaN)), "bias"),
                Arguments.of(warm(1).setTemperature(Float.POSITIVE_INFINITY), "temperature"),
                Arguments.of(warm(1).setTopP(7), "p is 7"), Arguments.of(warm(1).setMirostat(9), "mirostat"),
                Arguments.of(warm(1).setPenaltyLastTokens(-1), "lastTokens"),
                Arguments.of(warm(1).setDryMultiplier(1).setDryLastTokens(-1), "lastTokens"));
    }

    @Test
    void a_bias_of_minus_infinity_forbids_a_token_and_a_large_one_forces_it() {
        int likeliest = tokens(generate(0, prompt, 1, greedy())).getFirst();
        assertThat(tokens(generate(0, prompt, 1, greedy().addLogitBias(
                LogitBias.newBuilder().setToken(likeliest).setBias(Float.NEGATIVE_INFINITY)))))
                .doesNotContain(likeliest);
        assertThat(tokens(
                generate(0, prompt, 3, greedy().addLogitBias(LogitBias.newBuilder().setToken(77).setBias(1000)))))
                .containsExactly(77, 77, 77);
    }

    @Test
    void a_presence_penalty_forbids_repeating() {
        List<Integer> sampled = tokens(
                generate(0, prompt, 40, greedy().setPresencePenalty(1000).setPenaltyLastTokens(200)));
        assertThat(sampled).doesNotHaveDuplicates();
        assertThat(sampled).doesNotContainAnyElementsOf(Arrays.stream(prompt).boxed().toList());
    }

    @Test
    void an_ignored_end_is_never_sampled() {
        int end = engine.vocabulary().endToken().orElseThrow();
        var forced = greedy().addLogitBias(LogitBias.newBuilder().setToken(end).setBias(1000));
        assertThat(generate(0, prompt, 1, forced).getFirst().getSampled(0).getEndOfGeneration()).isTrue();
        assertThat(generate(0, prompt, 20, forced.setIgnoreEnd(true)))
                .noneMatch(result -> result.getSampled(0).getEndOfGeneration());
    }

    @Test
    void logprobs_are_those_of_the_raw_logits_and_their_probabilities_sum_to_one() {
        var parameters = greedy().setLogprobs(true).setTopLogprobs(100)
                .addLogitBias(LogitBias.newBuilder().setToken(77).setBias(1000));
        SampledToken sampled = generate(0, prompt, 1, parameters).getFirst().getSampled(0);
        assertThat(sampled.getToken()).isEqualTo(77);
        assertThat(sampled.getLogprob()).isLessThan(sampled.getTop(0).getLogprob());
        assertThat(sampled.getTopList()).hasSize(100).isSortedAccordingTo(
                (a, b) -> Float.compare(b.getLogprob(), a.getLogprob()));
        double sum = sampled.getTopList().stream().mapToDouble(top -> Math.exp(top.getLogprob())).sum();
        assertThat(sum).isBetween(0.95, 1.0001);
    }

    @Test
    void mirostat_draws_and_learns_like_llama_cpp_s_own_when_verified_or_not() {
        var parameters = warm(21).setMirostat(2).setMirostatTau(3).setMirostatEta(0.2f);
        List<SpanResult> single = generate(0, prompt, 4, parameters);
        List<Integer> expected = tokens(single);
        int last = prompt.length - 1;
        engineFeed(1, Arrays.copyOf(prompt, last), parameters);
        SpanResult verified = only(verify(step(++number), 1, last, 1, prompt[last], expected.get(0), expected.get(1),
                expected.get(2)));
        assertThat(verified.getSampledList()).extracting(SampledToken::getToken).isEqualTo(expected);
        // Four rows at once are computed in another order than one by one, so logits differ in their last bits.
        assertThat(verified.getMirostatMu()).isCloseTo(single.getLast().getMirostatMu(), within(1e-3f));
        assertThat(single.getLast().getMirostatMu()).isNotEqualTo(6);
    }

    @Test
    void nothing_is_verified_behind_the_end_of_an_answer() {
        int end = IntStream.range(0, engine.vocabulary().size()).filter(engine.vocabulary()::isEndOfGeneration)
                .findFirst().orElseThrow();
        var parameters = greedy().addLogitBias(LogitBias.newBuilder().setToken(end).setBias(1000))
                .setGrammar("root ::= \"\"");
        int last = prompt.length - 1;
        engineFeed(1, Arrays.copyOf(prompt, last), parameters);
        SpanResult verified = only(verify(step(++number), 1, last, 1, prompt[last], end, 7));
        assertThat(verified.getFailure()).isEmpty();
        assertThat(verified.getSampledList()).singleElement()
                .satisfies(sampled -> assertThat(sampled.getEndOfGeneration()).isTrue());
    }

    private void engineFeed(int slot, int[] tokens, SamplingParameters.Builder parameters) {
        engine.finish(
                add(step(++number).addEdits(begin(slot, prompt.length, parameters)), slot, 0, Wanted.NOTHING, tokens)
                        .build(),
                StagePlace.ALONE, 0);
    }

    private List<SpanResult> generate(int slot, int[] tokens, int count, SamplingParameters.Builder parameters) {
        return continued(slot, begin(slot, tokens.length, parameters), tokens, count);
    }

    private List<SpanResult> continued(int slot, CacheEdit begin, int[] tokens, int count) {
        var results = new ArrayList<SpanResult>();
        SpanResult result = only(
                add(step(++number).addEdits(drop(slot, 0, 0)).addEdits(begin), slot, 0, Wanted.SAMPLE, tokens));
        results.add(result);
        for (int at = tokens.length; results.size() < count && result.getFailure().isEmpty(); at++) {
            result = only(add(step(++number), slot, at, Wanted.SAMPLE, result.getSampled(0).getToken()));
            results.add(result);
        }
        return results;
    }

    private SpanResult only(Step.Builder step) {
        var result = engine.finish(step.build(), StagePlace.ALONE, 0);
        assertThat(result.getFailure().getReason()).isEmpty();
        return result.getSpans(0);
    }

    private static List<Integer> tokens(List<SpanResult> results) {
        assertThat(results).allSatisfy(result -> assertThat(result.getFailure()).isEmpty());
        return results.stream().map(result -> result.getSampled(0).getToken()).toList();
    }

    private static int[] concat(int[] first, List<Integer> second) {
        int[] all = Arrays.copyOf(first, first.length + second.size());
        for (int i = 0; i < second.size(); i++) {
            all[first.length + i] = second.get(i);
        }
        return all;
    }
}
