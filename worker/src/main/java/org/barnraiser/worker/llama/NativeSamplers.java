package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/** Makes llama.cpp's samplers over a model's vocabulary. */
final class NativeSamplers implements AutoCloseable {
    /** struct llama_logit_bias: int32 token, float bias. */
    private static final long BIAS_BYTES = 8;
    /** A control character that no text begins with; written as an escape in grammars. */
    private static final byte PROBE_CHARACTER = 1;

    private final LlamaModel model;
    private final SamplerFunctions functions;
    private final Vocabulary vocabulary;
    private final CandidateArray single = new CandidateArray(1);

    NativeSamplers(LlamaModel model) {
        this.model = model;
        functions = model.library().samplers();
        vocabulary = model.vocabulary();
    }

    /** A sampler that the caller frees. */
    MemorySegment create(Sampler sampler) throws SamplerException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = create(sampler, arena);
            if (NativeMemory.isNull(pointer)) {
                throw new SamplerException("llama.cpp refused the sampler " + sampler.getClass().getSimpleName());
            }
            return pointer;
        }
    }

    /** Whether a grammar allows the token next. */
    boolean allows(MemorySegment grammar, int token) {
        single.load(token);
        functions.apply(grammar, single.pointer());
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
            case Sampler.Grammar grammar -> newGrammar(grammar, arena);
        };
    }

    private MemorySegment newGrammar(Sampler.Grammar grammar, Arena arena) throws SamplerException {
        GbnfCheck.check(grammar.text(), grammar.root());
        requireUnderstood(grammar, arena);
        return newGrammar(grammar.text(), grammar.root(), arena);
    }

    /**
     * b4916 makes a sampler that allows everything of a text that it cannot read. So a first one is made with a root that wants the
     * probe character first: it must forbid a token that begins otherwise.
     */
    private void requireUnderstood(Sampler.Grammar grammar, Arena arena) throws SamplerException {
        String probeRoot = "barnraiser-probe";
        String text = grammar.text() + "\n" + probeRoot + " ::= \"\\x01\" " + grammar.root() + "\n";
        MemorySegment probe = newGrammar(text, probeRoot, arena);
        if (NativeMemory.isNull(probe)) {
            throw new SamplerException("llama.cpp cannot read the grammar");
        }
        boolean understood = !allows(probe, otherToken());
        functions.free(probe);
        if (!understood) {
            throw new SamplerException("llama.cpp cannot read the grammar");
        }
    }

    /** A token whose text does not begin with the character that the probe wants. */
    private int otherToken() {
        return IntStream.range(0, vocabulary.size()).filter(token -> {
            byte[] piece = vocabulary.piece(token, true);
            return piece.length > 0 && piece[0] != PROBE_CHARACTER;
        }).findFirst().orElseThrow(() -> new IllegalStateException("the vocabulary has no texts"));
    }

    private MemorySegment newGrammar(String text, String root, Arena arena) throws SamplerException {
        MemorySegment vocab = vocabularyPointer();
        MemorySegment grammarText = arena.allocateFrom(text);
        MemorySegment rootName = arena.allocateFrom(root);
        return model.library().log().quietly(() -> functions.initGrammar(vocab, grammarText, rootName));
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

    @Override
    public void close() {
        single.close();
    }
}
