package org.barnraiser.worker.stage;

import java.lang.foreign.MemorySegment;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.worker.llama.CandidateArray;
import org.barnraiser.worker.llama.LlamaModel;
import org.barnraiser.worker.llama.Sampler;
import org.barnraiser.worker.llama.SamplerChain;
import org.barnraiser.worker.llama.SamplerException;
import org.jspecify.annotations.Nullable;

/**
 * Picks the tokens of one sequence: a pure function of its parameters, its seed, and the tokens so far (and, for mirostat,
 * of mu, which the results carry).
 *
 * <p>Samplers that remember tokens (penalties, dry, grammar) live as long as the sequence and are told its tokens in
 * order; when the past changes they start over and are told it again. Samplers that draw random numbers are made anew for
 * every position, seeded by {@link PositionSeed}.
 *
 * <p>A grammar works as in llama.cpp's common_sampler: a token is picked without it, and only if the grammar refuses that
 * token, the grammar is applied to all candidates and a token is picked again.
 */
final class SlotSampler implements AutoCloseable {
    /** The rule that a grammar begins with. */
    static final String GRAMMAR_ROOT = "root";

    private final SamplingParameters parameters;
    private final int generatedFrom;
    private final SamplerChain chain;
    private final @Nullable SamplerChain grammar;
    private final @Nullable Mirostat mirostat;
    /** The samplers were told positions [0, told). */
    private int told;

    private SlotSampler(SamplingParameters parameters, int generatedFrom, SamplerChain chain,
            @Nullable SamplerChain grammar, @Nullable Mirostat mirostat) {
        this.parameters = parameters;
        this.generatedFrom = generatedFrom;
        this.chain = chain;
        this.grammar = grammar;
        this.mirostat = mirostat;
    }

    /**
     * @param generatedFrom the first position whose token a grammar has accepted
     * @param mirostatMu to continue with, 0 to start
     * @throws SamplerException when llama.cpp or this class refuses a parameter or the grammar
     */
    static SlotSampler create(LlamaModel model, SamplingParameters parameters, int generatedFrom, float mirostatMu,
            Sampler.LogitBias endBias) throws SamplerException {
        var mirostat = Mirostat.of(parameters, mirostatMu);
        var _ = SamplerOrder.drawing(parameters, 0, mirostat); // refuses unusable parameters
        SamplerChain chain = model.newSamplerChain();
        SamplerChain grammar = null;
        try {
            for (Sampler sampler : SamplerOrder.lasting(parameters, endBias)) {
                chain.add(sampler);
            }
            if (!parameters.getGrammar().isEmpty()) {
                grammar = model.newSamplerChain();
                grammar.add(new Sampler.Grammar(parameters.getGrammar(), GRAMMAR_ROOT));
            }
            return new SlotSampler(parameters, generatedFrom, chain, grammar, mirostat);
        } catch (SamplerException | RuntimeException e) {
            chain.close();
            if (grammar != null) {
                grammar.close();
            }
            throw e;
        }
    }

    /**
     * Picks the token for a position.
     *
     * @param logits f32 of the position before, one per token of the vocabulary
     * @param history holds at least the tokens of positions [0, position)
     * @param candidates scratch memory
     */
    int sample(MemorySegment logits, TokenHistory history, int position, CandidateArray candidates)
            throws SamplerException {
        tell(history, position);
        int token = pick(logits, position, candidates, false);
        if (grammar != null && !grammar.allows(token)) {
            token = pick(logits, position, candidates, true);
        }
        if (mirostat != null) {
            mirostat.picked(candidates.probability(candidates.selected().orElseThrow()));
        }
        return token;
    }

    /** To be called when the tokens from a position on are no longer those that were. */
    void forget(int fromPosition) {
        if (told > fromPosition) {
            chain.reset();
            if (grammar != null) {
                grammar.reset();
            }
            told = 0;
        }
    }

    /** Mirostat's running estimate, to continue elsewhere; 0 when it is off. */
    float mirostatMu() {
        return mirostat == null ? 0 : mirostat.mu();
    }

    private int pick(MemorySegment logits, int position, CandidateArray candidates, boolean grammarFirst)
            throws SamplerException {
        candidates.load(logits);
        if (grammarFirst && grammar != null) {
            grammar.apply(candidates);
        }
        int lasting = chain.size();
        try {
            for (Sampler sampler : SamplerOrder.drawing(parameters, position, mirostat)) {
                chain.add(sampler);
            }
            chain.apply(candidates);
        } finally {
            chain.removeLast(chain.size() - lasting);
        }
        int selected = candidates.selected().orElseThrow(() -> new IllegalStateException("No sampler picked a token"));
        return candidates.token(selected);
    }

    /** Only a token that the grammar forbids is an exception; then nothing more can be sampled until the past changes. */
    private void tell(TokenHistory history, int position) throws SamplerException {
        forget(position);
        for (; told < position; told++) {
            int token = history.get(told);
            if (grammar != null && told >= generatedFrom) {
                grammar.accept(token);
            }
            chain.accept(token);
        }
    }

    @Override
    public void close() {
        chain.close();
        if (grammar != null) {
            grammar.close();
        }
    }
}
