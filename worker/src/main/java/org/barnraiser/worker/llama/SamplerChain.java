package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * Samplers applied one after the other; the last one picks. They see the tokens of their sequence through {@link #accept}. Not safe for
 * use by several threads at once.
 *
 * <p>The chain is kept here rather than by llama_sampler_chain, because between two samplers llama.cpp does not look whether any
 * token is left to pick, and ends the process when a grammar meets a token that it forbids.
 */
public final class SamplerChain implements AutoCloseable {
    /** struct llama_logit_bias: int32 token, float bias. */
    private static final long BIAS_BYTES = 8;

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
    private final CandidateArray single = new CandidateArray(1);
    private boolean closed;

    SamplerChain(LlamaModel model) {
        model.pointer().retain();
        this.model = model;
        functions = model.library().samplers();
        vocabulary = model.vocabulary();
    }

    /** Appends a sampler, which has seen no token yet. */
    public void add(Sampler sampler) throws SamplerException {
        requireOpen();
        MemorySegment pointer;
        try (Arena arena = Arena.ofConfined()) {
            pointer = create(sampler, arena);
        }
        if (NativeMemory.isNull(pointer)) {
            throw new SamplerException(sampler instanceof Sampler.Grammar
                    ? "llama.cpp cannot read the grammar"
                    : "llama.cpp refused the sampler " + sampler);
        }
        links.add(new Link(sampler, pointer));
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
            if (link.sampler instanceof Sampler.Grammar && !allows(link, token)) {
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
        return links.stream().noneMatch(link -> link.sampler instanceof Sampler.Grammar && !allows(link, token));
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
            single.close();
            model.pointer().release();
        }
    }

    private boolean allows(Link grammar, int token) {
        single.load(token);
        functions.apply(grammar.pointer, single.pointer());
        return single.anyAllowed();
    }

    private MemorySegment create(Sampler sampler, Arena arena) throws SamplerException {
        Abi abi = model.library().abiFunctions();
        return switch (sampler) {
            case Sampler.Greedy _ -> functions.initGreedy();
            case Sampler.Distribution(int seed) -> functions.initDist(seed);
            case Sampler.TopK(int k) -> functions.initTopK(k);
            case Sampler.TopP(float p, int minKeep) -> functions.initTopP(p, minKeep);
            case Sampler.MinP(float p, int minKeep) -> functions.initMinP(p, minKeep);
            case Sampler.Typical(float p, int minKeep) -> functions.initTypical(p, minKeep);
            case Sampler.Temperature(float temperature) -> functions.initTemp(temperature);
            case Sampler.Xtc(float probability, float threshold, int minKeep, int seed) ->
                functions.initXtc(probability, threshold, minKeep, seed);
            case Sampler.Penalties penalties -> abi.newPenalties(vocabulary.size(), penalties);
            case Sampler.Dry dry -> abi.newDry(vocabularyPointer(), model.trainedContextTokens(), dry,
                    strings(dry.sequenceBreakers(), arena));
            case Sampler.MirostatV1(int seed, float tau, float eta, int m) ->
                functions.initMirostat(vocabulary.size(), seed, tau, eta, m);
            case Sampler.MirostatV2(int seed, float tau, float eta) -> functions.initMirostatV2(seed, tau, eta);
            case Sampler.LogitBias(List<Sampler.LogitBias.Entry> entries) ->
                functions.initLogitBias(vocabulary.size(), entries.size(), biases(entries, arena));
            case Sampler.Grammar(String text, String root) -> newGrammar(text, root, arena);
        };
    }

    private MemorySegment newGrammar(String text, String root, Arena arena) throws SamplerException {
        MemorySegment vocab = vocabularyPointer();
        MemorySegment grammar = arena.allocateFrom(text);
        MemorySegment rootName = arena.allocateFrom(root);
        return model.library().log().quietly(() -> functions.initGrammar(vocab, grammar, rootName));
    }

    /** For samplers that look at the tokens' texts. */
    private MemorySegment vocabularyPointer() throws SamplerException {
        if (!vocabulary.hasTokenizer()) {
            throw new SamplerException("this model file has no tokenizer, which the sampler needs");
        }
        return vocabulary.pointer();
    }

    private MemorySegment biases(List<Sampler.LogitBias.Entry> entries, Arena arena) throws SamplerException {
        MemorySegment memory = arena.allocate(Math.max(1, entries.size()) * BIAS_BYTES, JAVA_LONG.byteAlignment());
        for (int i = 0; i < entries.size(); i++) {
            Sampler.LogitBias.Entry entry = entries.get(i);
            if (!vocabulary.contains(entry.token())) {
                throw new SamplerException(
                        "the biased token " + entry.token() + " is not one of the model's " + vocabulary.size());
            }
            memory.set(JAVA_INT, i * BIAS_BYTES, entry.token());
            memory.set(JAVA_FLOAT, i * BIAS_BYTES + JAVA_INT.byteSize(), entry.bias());
        }
        return memory;
    }

    private static MemorySegment strings(List<String> texts, Arena arena) {
        MemorySegment pointers = arena.allocate(ADDRESS, Math.max(1, texts.size()));
        for (int i = 0; i < texts.size(); i++) {
            pointers.setAtIndex(ADDRESS, i, arena.allocateFrom(texts.get(i)));
        }
        return pointers;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the sampler chain is closed");
        }
    }
}
