package org.barnraiser.worker.llama;

import java.lang.foreign.MemorySegment;

/** The sampler functions of llama.h that are the same in both ABIs; bound with the prefix {@code llama_sampler_}. */
interface SamplerFunctions {
    void accept(MemorySegment sampler, int token);

    void apply(MemorySegment sampler, MemorySegment candidates);

    void reset(MemorySegment sampler);

    void free(MemorySegment sampler);

    MemorySegment initGreedy();

    MemorySegment initDist(int seed);

    MemorySegment initTopK(int k);

    MemorySegment initTopP(float p, long minKeep);

    MemorySegment initMinP(float p, long minKeep);

    MemorySegment initTypical(float p, long minKeep);

    MemorySegment initTemp(float temperature);

    MemorySegment initXtc(float probability, float threshold, long minKeep, int seed);

    MemorySegment initMirostat(int vocabularySize, int seed, float tau, float eta, int m);

    MemorySegment initMirostatV2(int seed, float tau, float eta);

    MemorySegment initLogitBias(int vocabularySize, int count, MemorySegment biases);

    MemorySegment initGrammar(MemorySegment vocab, MemorySegment grammar, MemorySegment root);
}
