package org.barnraiser.coordinator.gguf;

import com.google.common.primitives.ImmutableLongArray;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class TensorRuleTest {
    private static final Hyperparameters HYPERPARAMETERS = TinyModel.hyperparameters("llama", 1);

    @ParameterizedTest
    @CsvSource({"F32, true", "F16, false", "Q8_0, false"})
    void norms_and_biases_are_single_precision(GgmlType type, boolean sound) {
        TensorRule rule = TensorRule.required("attn_norm.weight", Dimension.EMBEDDING);
        assertThat(rule.problemOf(tensor(type, 64), HYPERPARAMETERS).isEmpty()).isEqualTo(sound);
    }

    @ParameterizedTest
    @CsvSource({"F32, true", "Q4_K, true", "MXFP4, true", "Q8_K, false", "Q8_1, false", "I32, false", "F64, false"})
    void matrices_are_stored_in_types_for_weights(GgmlType type, boolean sound) {
        TensorRule rule = TensorRule.required("ffn_up.weight", Dimension.EMBEDDING, Dimension.FEED_FORWARD);
        assertThat(rule.problemOf(tensor(type, 64, 96), HYPERPARAMETERS).isEmpty()).isEqualTo(sound);
    }

    private static TensorInfo tensor(GgmlType type, long... shape) {
        return new TensorInfo("t", type, ImmutableLongArray.copyOf(shape), 0, 0, 0);
    }
}
