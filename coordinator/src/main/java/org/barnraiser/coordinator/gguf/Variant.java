package org.barnraiser.coordinator.gguf;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.proto.EngineAbi;

/** Dense models that are Llama but for a detail. */
final class Variant extends Architecture {
    private final ImmutableList<TensorRule> layerTensors;
    private final int period;

    private Variant(String name, int period, List<TensorRule> more) {
        super(name, EngineAbi.ENGINE_ABI_V0_5);
        this.period = period;
        layerTensors = ImmutableList.<TensorRule>builder().addAll(attention()).addAll(feedForward()).addAll(more)
                .build();
    }

    /** Ministral 3 and Mistral Small 4: its attention has a temperature that grows with the position. */
    static Variant mistral3() {
        return new Variant("mistral3", 1, List.of(TensorRule.required("ffn_norm.weight", Dimension.EMBEDDING)));
    }

    /** SmolLM 3: every fourth layer has no positions. */
    static Variant smollm3() {
        return new Variant("smollm3", 4, List.of(TensorRule.required("ffn_norm.weight", Dimension.EMBEDDING)));
    }

    /** Seed-OSS: biases on query, key and value, and another name for the second norm. */
    static Variant seedOss() {
        return new Variant("seed_oss", 1, ImmutableList.<TensorRule>builder().addAll(attentionBiases())
                .add(TensorRule.required("post_attention_norm.weight", Dimension.EMBEDDING)).build());
    }

    @Override
    List<TensorRule> layerTensors(Hyperparameters hyperparameters, int layer) {
        return layerTensors;
    }

    @Override
    List<TensorRule> sharedTensors(boolean longRope) {
        return List.of(TensorRule.optional("rope_freqs.weight", Dimension.HALF_ROPE));
    }

    @Override
    Optional<String> refusal(ModelFile model, Hyperparameters hyperparameters, EngineAbi engine) {
        if (hyperparameters.experts() > 0) {
            return Optional.of("expert_count is %d".formatted(hyperparameters.experts()));
        }
        return unequalHeads(hyperparameters);
    }

    @Override
    int period(ModelFile model, EngineAbi engine) {
        return period;
    }
}
