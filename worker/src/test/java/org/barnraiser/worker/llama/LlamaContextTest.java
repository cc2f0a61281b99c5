package org.barnraiser.worker.llama;

import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.data.Offset;
import org.barnraiser.worker.llama.DecodeException.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class LlamaContextTest {
    private static final int CELLS = 256;
    private static final int TOKEN = 10;

    private static ContextOptions options(int batchTokens, int slots) {
        return new ContextOptions(CELLS, batchTokens, slots, 1, false);
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void every_parameter_has_its_effect(LlamaAbi abi) throws Exception {
        LlamaFunctions llama = TestEngines.open(abi).llama();
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                LlamaContext context = model.newContext(new ContextOptions(768, 640, 5, 3, false))) {
            assertThat(context.contextTokens()).isEqualTo(768);
            assertThat(llama.nBatch(context.pointer())).isEqualTo(640);
            assertThat(llama.nUbatch(context.pointer())).isEqualTo(640);
            assertThat(llama.nSeqMax(context.pointer())).isEqualTo(5);
            assertThat(llama.nThreads(context.pointer())).isEqualTo(3);
            assertThat(llama.nThreadsBatch(context.pointer())).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void one_slot_may_use_the_cells_that_all_share(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                LlamaContext context = model.newContext(options(CELLS, 8))) {
            Generations.feed(context, 0, tokens(CELLS));
            assertThat(context.positionMax(0)).isEqualTo(CELLS - 1);
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void a_full_cache_is_told_and_works_again_after_a_drop(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                LlamaContext context = model.newContext(options(CELLS, 2))) {
            Generations.feed(context, 0, tokens(CELLS - 2));
            assertThat(kindOf(() -> Generations.feed(context, CELLS - 2, tokens(4)))).isEqualTo(Kind.CACHE_FULL);
            assertThat(context.positionMax(0)).isEqualTo(CELLS - 3);
            context.dropRange(0, 100, 0);
            Generations.feed(context, 100, tokens(4));
            assertThat(context.positionMax(0)).isEqualTo(103);
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void a_batch_finds_cells_that_lie_scattered(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                LlamaContext context = model.newContext(options(CELLS, 3));
                Batch batch = Batch.ofTokens(CELLS)) {
            for (int row = 0; row < CELLS; row++) {
                batch.addToken(TOKEN, row / 2, row % 2, true);
            }
            context.decode(batch);
            context.dropRange(1, 0, 0);
            float[] together = lastLogits(context, batch, 2);
            context.clear();
            assertThat(lastLogits(context, batch, 2)).containsExactly(together, Offset.offset(1e-4f));
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void what_llama_cpp_would_not_survive_is_refused(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                LlamaContext context = model.newContext(options(8, 2));
                Batch batch = Batch.ofTokens(16);
                Batch wide = Batch.ofEmbeddings(4, model.embeddingLength() + 1)) {
            assertThat(kindOf(() -> context.decode(batch))).as("empty").isEqualTo(Kind.INVALID);
            assertInvalid(context, batch, "token beyond", 512, 0, 0);
            assertInvalid(context, batch, "negative token", -1, 0, 0);
            assertInvalid(context, batch, "slot beyond", TOKEN, 0, 2);
            assertInvalid(context, batch, "negative slot", TOKEN, 0, -1);
            assertInvalid(context, batch, "gap", TOKEN, 1, 0);
            assertInvalid(context, batch, "negative position", TOKEN, -1, 0);
            assertThat(kindOf(() -> Generations.feed(context, 0, tokens(9)))).as("too many").isEqualTo(Kind.INVALID);
            wide.addEmbedding(0, 0, true);
            assertThat(kindOf(() -> context.decode(wide))).as("embedding too wide").isEqualTo(Kind.INVALID);
            assertThat(kindOf(() -> context.copyRange(0, 0, 1))).as("copy to itself").isEqualTo(Kind.INVALID);
            assertThat(kindOf(() -> context.dropRange(9, 0, 0))).as("drop of no slot").isEqualTo(Kind.INVALID);
            Generations.feed(context, 0, TOKEN);
            assertInvalid(context, batch, "position again", TOKEN, 0, 0);
            assertThatThrownBy(() -> context.logits(1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(context::hiddenStates).isInstanceOf(IllegalStateException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void a_copied_slot_goes_on_like_the_one_it_shares_with(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                LlamaContext context = model.newContext(options(64, 3));
                Batch batch = Batch.ofTokens(2)) {
            int[] prompt = model.vocabulary().tokenize(Generations.STORY_PROMPT, true, false);
            Generations.feed(context, 0, prompt);
            context.copyRange(0, 2, 0);
            context.copyRange(0, 1, prompt.length - 1);
            assertThat(context.positionMax(2)).isEqualTo(prompt.length - 1);
            assertThat(context.positionMax(1)).isEqualTo(prompt.length - 2);
            batch.addToken(TOKEN, prompt.length, 0, true);
            batch.addToken(TOKEN, prompt.length, 2, true);
            context.decode(batch);
            assertThat(context.logits(0).toArray(JAVA_FLOAT)).containsExactly(context.logits(1).toArray(JAVA_FLOAT),
                    Offset.offset(1e-4f));
            context.clear();
            assertThat(context.positionMax(2)).isEqualTo(-1);
            Generations.feed(context, 0, prompt);
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void positions_follow_llama_cpp_through_any_edits(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                LlamaContext context = model.newContext(options(64, 2))) {
            Generations.feed(context, 0, tokens(20));
            context.dropRange(0, 5, 5);
            context.dropRange(0, 4, 8);
            assertThat(context.positionMax(0)).isEqualTo(19);
            Generations.feed(context, 20, tokens(2));
            context.copyRange(0, 1, 100);
            assertThat(context.positionMax(1)).isEqualTo(21);
            context.dropRange(0, 10, 22);
            assertThat(context.positionMax(0)).isEqualTo(9);
            context.dropRange(0, 30, 0);
            Generations.feed(context, 10, TOKEN);
            assertThat(context.positionMax(0)).isEqualTo(10);
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void another_thread_is_turned_away(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                LlamaContext context = model.newContext(options(8, 1))) {
            Generations.feed(context, 0, TOKEN);
            Throwable thrown = CompletableFuture
                    .supplyAsync(() -> catchThrowableOfType(IllegalStateException.class,
                            () -> Generations.feed(context, 1, TOKEN)),
                            task -> Thread.ofPlatform().name("other").start(task))
                    .get();
            assertThat(thrown).hasMessageContaining("other");
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void everything_may_be_closed_twice_and_in_any_order(LlamaAbi abi) throws Exception {
        LlamaModel model = TestEngines.load(abi, TestEngines.stories());
        LlamaContext context = model.newContext(options(8, 1));
        SamplerChain chain = model.newSamplerChain();
        model.close();
        model.close();
        Generations.feed(context, 0, TOKEN);
        context.close();
        context.close();
        chain.close();
        chain.close();
        assertThatThrownBy(() -> Generations.feed(context, 1, TOKEN)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> model.newContext(options(8, 1))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> model.vocabulary().tokenize("a", false, false))
                .isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void a_context_beyond_the_memory_limit_is_refused(LlamaAbi abi) throws Exception {
        ModelOptions limited = ModelOptions.defaults().withMemoryLimitBytes(2_000_000);
        try (LlamaModel model = TestEngines.open(abi).loadModel(TestEngines.stories(), limited)) {
            assertThatThrownBy(() -> model.newContext(new ContextOptions(100_000, 64, 1, 1, false)))
                    .isInstanceOf(ContextException.class).hasMessageContaining("2000000 bytes");
            model.newContext(options(64, 1)).close();
        }
    }

    /** Of 64 tokens, the first of which is an output too. */
    private static float[] lastLogits(LlamaContext context, Batch batch, int slot) throws DecodeException {
        int rows = CELLS / 4;
        batch.clear();
        for (int position = 0; position < rows; position++) {
            batch.addToken(TOKEN + position, position, slot, position == 0 || position == rows - 1);
        }
        context.decode(batch);
        assertThat(context.logits(0).mismatch(context.logits(rows - 1))).isNotEqualTo(-1);
        return context.logits(rows - 1).toArray(JAVA_FLOAT);
    }

    private static int[] tokens(int count) {
        return IntStream.range(0, count).map(i -> TOKEN + i % 100).toArray();
    }

    private static void assertInvalid(LlamaContext context, Batch batch, String what, int token, int position,
            int slot) {
        batch.clear();
        batch.addToken(token, position, slot, true);
        assertThat(kindOf(() -> context.decode(batch))).as(what).isEqualTo(Kind.INVALID);
    }

    private static Kind kindOf(ThrowingCallable call) {
        return catchThrowableOfType(DecodeException.class, call).kind();
    }
}
