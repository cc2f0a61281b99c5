package org.barnraiser.worker.llama;

import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class HiddenStateCaptureTest {
    private static final int LENGTH = 64;
    private static final int[] FIRST = {1, 403, 407, 261, 378};
    private static final int[] SECOND = {1, 300, 301, 302, 303};

    private static ContextOptions capturing(int batchTokens, int slots) {
        return new ContextOptions(1024, batchTokens, slots, 1, true);
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void rows_come_in_the_order_of_the_batch_however_slots_are_mixed(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                LlamaContext context = model.newContext(capturing(16, 3));
                Batch batch = Batch.ofTokens(16)) {
            float[] first = alone(context, batch, FIRST);
            float[] second = alone(context, batch, SECOND);
            for (int row = 0; row < FIRST.length; row++) {
                batch.addToken(SECOND[row], row, 2, true);
                batch.addToken(FIRST[row], row, 0, true);
            }
            context.decode(batch);
            float[] mixed = context.hiddenStates().toArray(JAVA_FLOAT);
            for (int row = 0; row < FIRST.length; row++) {
                assertThat(row(mixed, 2 * row)).containsExactly(row(second, row), Offset.offset(1e-4f));
                assertThat(row(mixed, 2 * row + 1)).containsExactly(row(first, row), Offset.offset(1e-4f));
            }
            assertThat(row(first, 3)).isNotEqualTo(row(second, 3));
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void a_batch_larger_than_llama_cpps_default_comes_whole(LlamaAbi abi) throws Exception {
        int rows = 700;
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                LlamaContext context = model.newContext(capturing(rows, 1));
                Batch batch = Batch.ofTokens(rows)) {
            for (int position = 0; position < rows; position++) {
                batch.addToken(10 + position % 300, position, 0, true);
            }
            context.decode(batch);
            assertThat(context.hiddenStates().byteSize()).isEqualTo((long) rows * LENGTH * Float.BYTES);
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void embeddings_are_taken_row_by_row_in_place_of_tokens(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                LlamaContext context = model.newContext(capturing(16, 2));
                Batch batch = Batch.ofEmbeddings(16, LENGTH)) {
            for (int position = 0; position < FIRST.length; position++) {
                for (int slot = 0; slot < 2; slot++) {
                    // The slots differ in the last row alone.
                    float value = position == FIRST.length - 1 ? slot + 1 : 0.5f;
                    batch.addEmbedding(position, slot, true).setAtIndex(JAVA_FLOAT, position, value);
                }
            }
            context.decode(batch);
            float[] states = context.hiddenStates().toArray(JAVA_FLOAT);
            assertThat(states).hasSize(2 * FIRST.length * LENGTH);
            for (int position = 0; position < FIRST.length - 1; position++) {
                assertThat(row(states, 2 * position)).containsExactly(row(states, 2 * position + 1),
                        Offset.offset(1e-5f));
            }
            assertThat(row(states, 8)).isNotEqualTo(row(states, 9));
        }
    }

    @Test
    void both_libraries_compute_the_same() throws Exception {
        assertThat(firstStates(LlamaAbi.B4916)).containsExactly(firstStates(LlamaAbi.V0_5), Offset.offset(1e-3f));
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void a_row_that_is_no_output_is_refused_and_logits_are_not_there(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                LlamaContext context = model.newContext(capturing(16, 1))) {
            assertThatThrownBy(() -> Generations.feed(context, 0, FIRST)).isInstanceOf(DecodeException.class)
                    .hasMessageContaining("row 0 is not marked as output");
            assertThatThrownBy(() -> context.logits(0)).isInstanceOf(IllegalStateException.class);
        }
    }

    private static float[] firstStates(LlamaAbi abi) throws LlamaException {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories());
                LlamaContext context = model.newContext(capturing(16, 1));
                Batch batch = Batch.ofTokens(16)) {
            return alone(context, batch, FIRST);
        }
    }

    private static float[] alone(LlamaContext context, Batch batch, int[] tokens) throws DecodeException {
        context.clear();
        batch.clear();
        for (int position = 0; position < tokens.length; position++) {
            batch.addToken(tokens[position], position, 0, true);
        }
        context.decode(batch);
        float[] states = context.hiddenStates().toArray(JAVA_FLOAT);
        context.clear();
        batch.clear();
        return states;
    }

    private static float[] row(float[] states, int row) {
        return Arrays.copyOfRange(states, row * LENGTH, (row + 1) * LENGTH);
    }
}
