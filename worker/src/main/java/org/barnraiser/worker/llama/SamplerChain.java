package org.barnraiser.worker.llama;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Samplers applied one after the other; the last one picks. They see the tokens of their sequence through {@link #accept}. Not safe for
 * use by several threads at once.
 *
 * <p>The chain is kept here rather than by llama_sampler_chain, because between two samplers llama.cpp does not look whether any
 * token is left to pick, and ends the process when a grammar meets a token that it forbids.
 */
public final class SamplerChain implements AutoCloseable {
    private record Link(Sampler sampler, MemorySegment pointer) {
        /** Whether it may leave no token at all. */
        boolean forbids() {
            return sampler instanceof Sampler.Grammar || sampler instanceof Sampler.LogitBias;
        }
    }

    private final LlamaModel model;
    private final SamplerFunctions functions;
    private final Vocabulary vocabulary;
    private final List<Link> links = new ArrayList<>();
    private final NativeSamplers samplers;
    private boolean closed;

    SamplerChain(LlamaModel model) {
        model.pointer().retain();
        this.model = model;
        functions = model.library().samplers();
        samplers = new NativeSamplers(model);
        vocabulary = model.vocabulary();
    }

    /** Appends a sampler, which has seen no token yet. */
    public void add(Sampler sampler) throws SamplerException {
        requireOpen();
        links.add(new Link(sampler, samplers.create(sampler)));
    }

    /** Takes the last {@code count} samplers off. */
    public void removeLast(int count) {
        requireOpen();
        if (count < 0 || count > links.size()) {
            throw new IllegalArgumentException("the chain has " + links.size() + " samplers, not " + count);
        }
        for (int i = 0; i < count; i++) {
            functions.free(links.removeLast().pointer);
        }
    }

    public int size() {
        return links.size();
    }

    /**
     * Tells every sampler that the token has come.
     *
     * @throws SamplerException when a grammar of the chain forbids it; then no sampler has been told
     */
    public void accept(int token) throws SamplerException {
        requireOpen();
        if (!vocabulary.contains(token)) {
            throw new IllegalArgumentException("token " + token + " is not one of the model's " + vocabulary.size());
        }
        for (Link link : links) {
            if (link.sampler instanceof Sampler.Grammar && !samplers.allows(link.pointer, token)) {
                throw new SamplerException("the grammar forbids the token");
            }
        }
        for (Link link : links) {
            functions.accept(link.pointer, token);
        }
    }

    /** Whether every grammar of the chain allows the token to come next. */
    public boolean allows(int token) {
        requireOpen();
        return links.stream()
                .noneMatch(link -> link.sampler instanceof Sampler.Grammar && !samplers.allows(link.pointer, token));
    }

    /** Applies every sampler in turn. */
    public void apply(CandidateArray candidates) throws SamplerException {
        requireOpen();
        for (Link link : links) {
            functions.apply(link.pointer, candidates.pointer());
            if (link.forbids() && !candidates.anyAllowed()) {
                throw new SamplerException("no token is allowed here by the grammar and the token biases");
            }
        }
    }

    /** Picks a token for a row of the context's last batch and {@linkplain #accept accepts} it, as llama_sampler_sample does. */
    public int sample(LlamaContext context, int row) throws SamplerException {
        try (CandidateArray candidates = new CandidateArray(vocabulary.size())) {
            candidates.load(context.logits(row));
            apply(candidates);
            int selected = candidates.selected().orElseThrow(
                    () -> new SamplerException("the last sampler of the chain does not pick a token"));
            int token = candidates.token(selected);
            accept(token);
            return token;
        }
    }

    /** Lets every sampler forget the tokens it has seen, and start its random numbers again. */
    public void reset() {
        requireOpen();
        for (Link link : links) {
            functions.reset(link.pointer);
        }
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (!closed) {
            removeLast(links.size());
            closed = true;
            samplers.close();
            model.pointer().release();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the sampler chain is closed");
        }
    }
}
