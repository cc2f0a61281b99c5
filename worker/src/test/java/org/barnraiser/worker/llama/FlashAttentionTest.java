package org.barnraiser.worker.llama;

import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

class FlashAttentionTest {
    private static final int TOKENS = 400;
    private static final ContextOptions OF_ONE = new ContextOptions(2 * TOKENS, 64, 1, 1, false);
    private static final ContextOptions OF_MANY = new ContextOptions(2 * TOKENS, 64, 4, 1, false);

    /** As the Kullback-Leibler divergence, in nats for each token. Weights of 8 bits would round its effect up to theirs. */
    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void a_cache_for_many_readers_changes_next_to_nothing(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                LlamaContext one = model.newContext(OF_ONE);
                LlamaContext many = model.newContext(OF_MANY)) {
            double sum = 0;
            for (int position = 0; position < TOKENS; position++) {
                Generations.feed(one, position, token(position));
                Generations.feed(many, position, token(position));
                sum += divergence(logits(one), logits(many));
            }
            assertThat(sum / TOKENS).isPositive().isLessThan(1e-4);
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void what_others_have_in_the_cache_changes_no_bit(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.demo());
                LlamaContext alone = model.newContext(OF_MANY);
                LlamaContext crowded = model.newContext(OF_MANY)) {
            for (int position = 0; position < TOKENS; position++) {
                decode(crowded, 1, TOKENS - position, position);
                decode(crowded, 0, token(position), position);
                decode(alone, 0, token(position), position);
                assertThat(logits(crowded)).as("position %d", position).isEqualTo(logits(alone));
            }
        }
    }

    private static void decode(LlamaContext context, int slot, int token, int position) throws DecodeException {
        try (Batch batch = Batch.ofTokens(1)) {
            batch.addToken(token, position, slot, true);
            context.decode(batch);
        }
    }

    private static int token(int position) {
        return 10 + position * 7 % TOKENS;
    }

    private static float[] logits(LlamaContext context) {
        return context.logits(0).toArray(JAVA_FLOAT);
    }

    private static double divergence(float[] exact, float[] other) {
        double exactLog = logOfSum(exact);
        double otherLog = logOfSum(other);
        return IntStream.range(0, exact.length)
                .mapToDouble(i -> Math.exp(exact[i] - exactLog) * (exact[i] - exactLog - other[i] + otherLog)).sum();
    }

    private static double logOfSum(float[] logits) {
        double most = IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).max().orElseThrow();
        return most + Math.log(IntStream.range(0, logits.length).mapToDouble(i -> Math.exp(logits[i] - most)).sum());
    }
}
