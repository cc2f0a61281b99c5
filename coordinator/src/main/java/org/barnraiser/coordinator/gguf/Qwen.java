package org.barnraiser.coordinator.gguf;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.proto.EngineAbi;

/** Qwen 2, 2.5 and 3, dense and with experts. */
final class Qwen extends Architecture {
    private final Attention attention;
    private final boolean experts;

    private enum Attention {
        BIASED,
        NORMED
    }

    private Qwen(String name, Attention attention, boolean experts, EngineAbi... engines) {
        super(name, engines);
        this.attention = attention;
        this.experts = experts;
    }

    static Qwen qwen2() {
        return new Qwen("qwen2", Attention.BIASED, false, EngineAbi.ENGINE_ABI_B4916, EngineAbi.ENGINE_ABI_V0_5);
    }

    static Qwen qwen3() {
        return new Qwen("qwen3", Attention.NORMED, false, EngineAbi.ENGINE_ABI_V0_5);
    }

    static Qwen qwen3moe() {
        return new Qwen("qwen3moe", Attention.NORMED, true, EngineAbi.ENGINE_ABI_V0_5);
    }

    @Override
    List<TensorRule> layerTensors(Hyperparameters hyperparameters, int layer) {
        ImmutableList.Builder<TensorRule> rules = ImmutableList.builder();
        rules.addAll(attention()).add(TensorRule.required("ffn_norm.weight", Dimension.EMBEDDING));
        switch (attention) {
            case BIASED -> rules.add(TensorRule.required("attn_q.bias", Dimension.QUERY),
                    TensorRule.required("attn_k.bias", Dimension.KEY),
                    TensorRule.required("attn_v.bias", Dimension.VALUE));
            case NORMED -> rules.add(TensorRule.required("attn_q_norm.weight", Dimension.KEY_LENGTH),
                    TensorRule.required("attn_k_norm.weight", Dimension.KEY_LENGTH));
        }
        return rules.addAll(experts ? experts(Dimension.EXPERT_FEED_FORWARD) : feedForward()).build();
    }

    @Override
    Optional<String> refusal(ModelFile model, Hyperparameters hyperparameters, EngineAbi engine) {
        if (experts != (hyperparameters.experts() > 0)) {
            return Optional.of("expert_count is %d".formatted(hyperparameters.experts()));
        }
        return unequalHeads(hyperparameters);
    }
}
