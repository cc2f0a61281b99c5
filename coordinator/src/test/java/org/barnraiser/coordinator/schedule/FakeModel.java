package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;

/**
 * A model whose next token is a hash of all tokens so far and of how it was told to sample: any wrong, missing, doubled or
 * foreign token in a slot changes all that follows.
 */
final class FakeModel {
    private static final int VOCABULARY = 100_000;
    private static final int END_EVERY = 11;

    private FakeModel() {}

    static SampledToken next(SamplingParameters sampling, int generatedFrom, List<Integer> tokens, float mirostatMu) {
        int hash = 31 * (31 * tokens.hashCode() + generatedFrom) + (int) mirostatMu;
        int mixed = Math.floorMod(hash * 0x9E3779B9 ^ Long.hashCode(sampling.getSeed()) * 0x85EBCA6B, VOCABULARY);
        boolean end = !sampling.getIgnoreEnd() && mixed % END_EVERY == 0;
        return SampledToken.newBuilder().setToken(mixed).setPosition(tokens.size()).setEndOfGeneration(end)
                .setPiece(ByteString.copyFromUtf8(" " + mixed)).build();
    }

    /** The state after a token, which depends on all tokens before; small enough to be an exact number. */
    static float nextMu(SamplingParameters sampling, float mirostatMu, SampledToken token) {
        return sampling.getMirostat() == 0 ? 0 : (7 * mirostatMu + token.getToken()) % 99_991;
    }

    /** What a reader hears who has the model alone. */
    record Answer(List<Integer> tokens, GenerationEnd end) {}

    static Answer answer(GenerationRequest request, int contextTokens) {
        List<Integer> tokens = new ArrayList<>(request.promptTokens().asList());
        List<Integer> generated = new ArrayList<>();
        float mu = 0;
        while (generated.size() < request.maxTokens() && tokens.size() < contextTokens) {
            SampledToken next = next(request.sampling(), request.promptTokens().length(), tokens, mu);
            mu = nextMu(request.sampling(), mu, next);
            if (next.getEndOfGeneration()) {
                return new Answer(generated, new GenerationEnd.EndOfGeneration());
            }
            tokens.add(next.getToken());
            generated.add(next.getToken());
        }
        return new Answer(generated, new GenerationEnd.Length());
    }

    /** A request whose prompt differs from that of any other seed. */
    static GenerationRequest request(long seed, int promptTokens, int maxTokens) {
        return request(promptTokens, maxTokens, SamplingParameters.newBuilder().setSeed(seed).build());
    }

    /** As {@link #request}, but the answer is always as long as it may be. */
    static GenerationRequest endlessRequest(long seed, int promptTokens, int maxTokens) {
        return request(promptTokens, maxTokens,
                SamplingParameters.newBuilder().setSeed(seed).setIgnoreEnd(true).build());
    }

    /** As {@link #request}, but the sampler has a state of its own. */
    static GenerationRequest mirostatRequest(long seed, int promptTokens, int maxTokens) {
        return request(promptTokens, maxTokens,
                SamplingParameters.newBuilder().setSeed(seed).setMirostat(2).build());
    }

    private static GenerationRequest request(int promptTokens, int maxTokens, SamplingParameters sampling) {
        ImmutableIntArray.Builder prompt = ImmutableIntArray.builder(promptTokens);
        for (int i = 0; i < promptTokens; i++) {
            prompt.add((int) sampling.getSeed() * 1000 + i);
        }
        return new GenerationRequest(prompt.build(), maxTokens, sampling);
    }
}
