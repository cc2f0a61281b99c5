package org.barnraiser.worker.llama;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

class FlashAttentionTest {
    private static final int TOKENS = 400;
    private static final ContextOptions OF_MANY = new ContextOptions(2 * TOKENS, 64, FlashAttention.MANY_SLOTS, 1,
            false);

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
}
