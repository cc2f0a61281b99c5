package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

/**
 * Tries whether the sampler constructors have the signatures of the recognized ABI. They changed without any struct changing: the
 * penalties got a first parameter when dry lost its second, so that a window of one token shows which of the two it is.
 */
final class SamplerProbe {
    private static final int VOCABULARY = 8;
    private static final int FORGOTTEN = 3;
    private static final int SEEN = 5;

    private SamplerProbe() {}

    static void check(Abi abi, SamplerFunctions samplers) throws LibraryException {
        MemorySegment penalties = abi.newPenalties(VOCABULARY, new Sampler.Penalties(1, 2f, 0f, 0f));
        try (Arena arena = Arena.ofConfined(); CandidateArray candidates = new CandidateArray(VOCABULARY)) {
            candidates.load(ones(arena));
            samplers.accept(penalties, FORGOTTEN);
            samplers.accept(penalties, SEEN);
            samplers.apply(penalties, candidates.pointer());
            if (candidates.logit(FORGOTTEN) != 1f || candidates.logit(SEEN) != 0.5f) {
                throw new LibraryException("the library has the structs of " + abi.layout().abi()
                        + " but other sampler functions; use a llama.cpp of another version");
            }
        } catch (SamplerException e) {
            throw new LibraryException("the library's samplers cannot be tried: " + e.getMessage(), e);
        } finally {
            samplers.free(penalties);
        }
    }

    private static MemorySegment ones(Arena arena) {
        MemorySegment ones = arena.allocate(JAVA_FLOAT, VOCABULARY);
        for (int token = 0; token < VOCABULARY; token++) {
            ones.setAtIndex(JAVA_FLOAT, token, 1f);
        }
        return ones;
    }
}
