package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SamplerChainTest {
    private static final int VOCABULARY = 512;
    private static final List<Sampler> SHAPERS = List.of(new Sampler.TopK(40), new Sampler.Typical(0.95f, 1),
            new Sampler.TopP(0.95f, 1), new Sampler.MinP(0.01f, 1), new Sampler.Xtc(0.5f, 0.1f, 1, 5),
            new Sampler.Temperature(0.8f));

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void the_same_seed_gives_the_same_text_and_another_one_another(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories())) {
            String first = sampled(model, 1);
            assertThat(sampled(model, 1)).isEqualTo(first);
            assertThat(List.of(sampled(model, 2), sampled(model, 3))).isNotEqualTo(List.of(first, first));
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void a_reset_chain_starts_its_random_numbers_again(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                SamplerChain chain = model.newSamplerChain()) {
            chain.add(new Sampler.Distribution(11));
            List<Integer> first = picks(chain, 8);
            chain.reset();
            assertThat(picks(chain, 8)).isEqualTo(first);
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void each_sampler_does_what_its_parameters_say(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories())) {
            assertThat(left(model, new Sampler.TopK(3))).isEqualTo(3);
            assertThat(left(model, new Sampler.MinP(1, 1))).isEqualTo(1);
            assertThat(left(model, new Sampler.TopP(0.0001f, 2))).isEqualTo(2);
            assertThat(left(model, new Sampler.Typical(0.0001f, 1))).isLessThan(VOCABULARY);
            assertThat(left(model, new Sampler.Xtc(1, 0.0001f, 1, 1))).isLessThan(VOCABULARY);
            assertThat(left(model, new Sampler.Xtc(0, 0.0001f, 1, 1))).isEqualTo(VOCABULARY);
            assertThat(picked(model, new Sampler.Greedy())).isEqualTo(VOCABULARY - 1);
            assertThat(picked(model, new Sampler.LogitBias(List.of(new Sampler.LogitBias.Entry(7, 1000f))),
                    new Sampler.Greedy())).isEqualTo(7);
            assertThat(picked(model,
                    new Sampler.LogitBias(
                            List.of(new Sampler.LogitBias.Entry(VOCABULARY - 1, Float.NEGATIVE_INFINITY))),
                    new Sampler.Greedy())).isEqualTo(VOCABULARY - 2);
            assertThat(picked(model, new Sampler.Temperature(0.001f), new Sampler.Distribution(1)))
                    .isEqualTo(VOCABULARY - 1);
            assertThat(picked(model, new Sampler.MirostatV1(1, 0.01f, 0.1f, 100))).isGreaterThan(VOCABULARY / 2);
            assertThat(picked(model, new Sampler.MirostatV2(1, 0.01f, 0.1f))).isEqualTo(VOCABULARY - 1);
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void penalties_look_back_as_far_as_they_are_told(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                SamplerChain chain = model.newSamplerChain();
                CandidateArray candidates = new CandidateArray(VOCABULARY)) {
            chain.add(new Sampler.Penalties(2, 2f, 0.5f, 0.25f));
            for (int token : new int[]{400, 401, 402, 402}) {
                chain.accept(token);
            }
            load(candidates);
            chain.apply(candidates);
            assertThat(candidates.logit(401)).isEqualTo(logit(401));
            assertThat(candidates.logit(402)).isEqualTo(logit(402) / 2 - 2 * 0.5f - 0.25f);
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void dry_penalizes_what_would_repeat_a_phrase_unless_it_is_broken(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.demo())) {
            int[] phrase = model.vocabulary().tokenize("one two three four one two three", false, false);
            int repeating = model.vocabulary().tokenize(" four", false, false)[0];
            assertThat(afterDry(model, phrase, repeating, List.of("\n"))).isLessThan(0);
            assertThat(afterDry(model, phrase, repeating, List.of(" three", "three", "\n"))).isZero();
            assertThat(afterDry(model, phrase, repeating + 1, List.of("\n"))).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void a_grammar_allows_only_its_own_words(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                LlamaContext context = model.newContext(new ContextOptions(256, 64, 1, 1, false));
                SamplerChain chain = model.newSamplerChain()) {
            chain.add(new Sampler.Grammar("root ::= \" yes\" | \" no\"", "root"));
            chain.add(new Sampler.Greedy());
            int[] prompt = model.vocabulary().tokenize(Generations.STORY_PROMPT, true, false);
            assertThat(Generations.generate(context, chain, prompt, 10)).isIn(" yes", " no");
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void a_token_that_the_grammar_forbids_is_refused_and_the_chain_lives_on(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                SamplerChain chain = model.newSamplerChain()) {
            chain.add(new Sampler.Grammar("root ::= [0-9]+", "root"));
            int letter = lastToken(model, "a");
            int digit = lastToken(model, "7");
            assertThatThrownBy(() -> chain.accept(letter)).isInstanceOf(SamplerException.class);
            chain.accept(digit);
            assertThatThrownBy(() -> chain.accept(letter)).isInstanceOf(SamplerException.class);
            chain.accept(model.vocabulary().endToken().orElseThrow());
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void nothing_left_to_pick_is_an_error_and_not_the_end_of_the_process(LlamaAbi abi) throws Exception {
        List<Sampler.LogitBias.Entry> all = new ArrayList<>();
        for (int token = 0; token < VOCABULARY; token++) {
            all.add(new Sampler.LogitBias.Entry(token, Float.NEGATIVE_INFINITY));
        }
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories())) {
            assertThatThrownBy(() -> picked(model, new Sampler.LogitBias(all), new Sampler.Distribution(1)))
                    .isInstanceOf(SamplerException.class);
            assertThatThrownBy(() -> picked(model, new Sampler.LogitBias(
                    List.of(new Sampler.LogitBias.Entry(VOCABULARY, 1))))).isInstanceOf(SamplerException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void the_last_samplers_can_be_exchanged(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                SamplerChain chain = model.newSamplerChain()) {
            chain.add(new Sampler.TopK(5));
            chain.add(new Sampler.Temperature(1));
            chain.add(new Sampler.Distribution(3));
            List<Integer> first = picks(chain, 1);
            chain.removeLast(1);
            chain.add(new Sampler.Distribution(3));
            assertThat(picks(chain, 1)).isEqualTo(first);
            assertThat(chain.size()).isEqualTo(3);
            assertThatThrownBy(() -> chain.removeLast(4)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static String sampled(LlamaModel model, int seed) throws LlamaException {
        try (LlamaContext context = model.newContext(new ContextOptions(256, 64, 1, 1, false));
                SamplerChain chain = model.newSamplerChain()) {
            for (Sampler sampler : SHAPERS) {
                chain.add(sampler);
            }
            chain.add(new Sampler.Distribution(seed));
            return Generations.generate(context, chain,
                    model.vocabulary().tokenize(Generations.STORY_PROMPT, true, false), 20);
        }
    }

    private static int lastToken(LlamaModel model, String text) throws TokenizationException {
        int[] tokens = model.vocabulary().tokenize(text, false, false);
        return tokens[tokens.length - 1];
    }

    private static float afterDry(LlamaModel model, int[] tokens, int candidate, List<String> breakers)
            throws SamplerException {
        int size = model.vocabulary().size();
        try (SamplerChain chain = model.newSamplerChain();
                CandidateArray candidates = new CandidateArray(size);
                Arena arena = Arena.ofConfined()) {
            chain.add(new Sampler.Dry(1, 1.75f, 2, 64, breakers));
            for (int token : tokens) {
                chain.accept(token);
            }
            candidates.load(arena.allocate(ValueLayout.JAVA_FLOAT, size));
            chain.apply(candidates);
            return candidates.logit(candidate);
        }
    }

    private static int left(LlamaModel model, Sampler sampler) throws SamplerException {
        try (SamplerChain chain = model.newSamplerChain();
                CandidateArray candidates = new CandidateArray(VOCABULARY)) {
            chain.add(sampler);
            load(candidates);
            chain.apply(candidates);
            return candidates.size();
        }
    }

    private static int picked(LlamaModel model, Sampler... samplers) throws SamplerException {
        try (SamplerChain chain = model.newSamplerChain()) {
            for (Sampler sampler : samplers) {
                chain.add(sampler);
            }
            return picks(chain, 1).getFirst();
        }
    }

    private static List<Integer> picks(SamplerChain chain, int count) throws SamplerException {
        List<Integer> picks = new ArrayList<>();
        try (CandidateArray candidates = new CandidateArray(VOCABULARY)) {
            for (int i = 0; i < count; i++) {
                load(candidates);
                chain.apply(candidates);
                picks.add(candidates.token(candidates.selected().orElseThrow()));
            }
        }
        return picks;
    }

    private static void load(CandidateArray candidates) throws SamplerException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment logits = arena.allocate(ValueLayout.JAVA_FLOAT, VOCABULARY);
            for (int token = 0; token < VOCABULARY; token++) {
                logits.setAtIndex(ValueLayout.JAVA_FLOAT, token, logit(token));
            }
            candidates.load(logits);
        }
    }

    /** The higher the id, the likelier. */
    private static float logit(int token) {
        return token / 32f;
    }
}
