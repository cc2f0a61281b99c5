package org.barnraiser.worker.llama;

import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class CacheTypeTest {
    private static final ContextOptions F16 = new ContextOptions(256, 64, 1, 1, false);
    private static final ContextOptions Q8_0 = F16.withCacheType(CacheType.Q8_0);
    private static final int TOKENS = 60;
    /** 60 tokens of the demo model: 8 layers of keys and values of 3 heads with 32 values each. */
    private static final long VALUES = TOKENS * 8L * 2 * 3 * 32;

    interface States {
        long stateSeqGetSize(MemorySegment context, int slot);
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void a_cache_of_q8_0_takes_half_the_memory(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.demo())) {
            long f16 = cacheBytes(model, F16);
            long q8 = cacheBytes(model, Q8_0);
            assertThat(f16 - q8).isEqualTo(CacheType.F16.bytes(VALUES) - CacheType.Q8_0.bytes(VALUES));
            assertThat((double) q8 / f16).isBetween(0.5, 0.56);
            long weights = model.estimatedBytes(0, CacheType.F16);
            assertThat(model.estimatedBytes(TOKENS, CacheType.F16) - weights).isEqualTo(VALUES * 2);
            assertThat(model.estimatedBytes(TOKENS, CacheType.Q8_0) - weights).isEqualTo(VALUES * 34 / 32);
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void a_cache_of_q8_0_changes_answers_a_little_and_one_of_f16_not_at_all(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.demo())) {
            float[] usual = logits(model, F16);
            assertThat(logits(model, F16.withCacheType(CacheType.F16))).isEqualTo(usual);
            float[] small = logits(model, Q8_0);
            double largest = IntStream.range(0, usual.length).mapToDouble(i -> Math.abs(usual[i] - small[i])).max()
                    .orElseThrow();
            double spread = IntStream.range(0, usual.length).mapToDouble(i -> Math.abs(usual[i])).max().orElseThrow();
            assertThat(largest).isPositive().isLessThan(spread / 20);
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void heads_that_are_no_whole_blocks_are_refused_before_llama_cpp_is_asked(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories())) {
            assertThatThrownBy(() -> model.newContext(Q8_0)).isInstanceOf(ContextException.class)
                    .hasMessageContaining("blocks of 32").hasMessageContaining("8 and 8")
                    .hasMessageContaining("--cache-type f16").hasMessageNotContaining("llama.cpp says");
            model.newContext(F16).close();
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void keys_longer_than_values_are_refused_where_flash_attention_cannot_read_them(LlamaAbi abi) throws Exception {
        var heads = new AttentionHeads(192, 128, 1);
        Abi functions = TestEngines.open(abi).abiFunctions();
        heads.requireWholeBlocks(CacheType.F16, functions);
        switch (abi) {
            case B4916 -> assertThatThrownBy(() -> heads.requireWholeBlocks(CacheType.Q8_0, functions))
                    .isInstanceOf(ContextException.class).hasMessageContaining("192 and 128");
            case V0_5 -> heads.requireWholeBlocks(CacheType.Q8_0, functions);
        }
        assertThat(heads.bytesPerToken(CacheType.Q8_0)).isEqualTo((6 + 4) * 34);
    }

    private static long cacheBytes(LlamaModel model, ContextOptions options) throws Exception {
        States states = model.library().functions().bind(States.class, "llama_");
        try (LlamaContext context = model.newContext(options)) {
            Generations.feed(context, 0, tokens());
            return states.stateSeqGetSize(context.pointer(), 0);
        }
    }

    private static float[] logits(LlamaModel model, ContextOptions options) throws Exception {
        try (LlamaContext context = model.newContext(options)) {
            Generations.feed(context, 0, tokens());
            Generations.feed(context, TOKENS, 17);
            return context.logits(0).toArray(JAVA_FLOAT);
        }
    }

    private static int[] tokens() {
        return IntStream.range(0, TOKENS).map(i -> 10 + i * 7).toArray();
    }
}
