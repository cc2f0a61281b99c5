package org.barnraiser.coordinator.gguf;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.proto.EngineAbi;

/** Qwen 2, 2.5 and 3, dense and with experts. */
final class Qwen extends Architecture {
    private final Attention attention;
    private final Experts experts;

    private enum Experts {
        NONE, ROUTED, ROUTED_AND_SHARED
    }

    private enum Attention {
        BIASED,
        NORMED
    }

    private Qwen(String name, Attention attention, Experts experts, EngineAbi... engines) {
        super(name, engines);
        this.attention = attention;
        this.experts = experts;
    }

    static Qwen qwen2() {
        return new Qwen("qwen2", Attention.BIASED, Experts.NONE, EngineAbi.ENGINE_ABI_B4916, EngineAbi.ENGINE_ABI_V0_5);
    }

    static Qwen qwen2moe() {
        return new Qwen("qwen2moe", Attention.BIASED, Experts.ROUTED_AND_SHARED, EngineAbi.ENGINE_ABI_B4916,
                EngineAbi.ENGINE_ABI_V0_5);
    }

    static Qwen qwen3() {
        return new Qwen("qwen3", Attention.NORMED, Experts.NONE, EngineAbi.ENGINE_ABI_V0_5);
    }

    static Qwen qwen3moe() {
        return new Qwen("qwen3moe", Attention.NORMED, Experts.ROUTED, EngineAbi.ENGINE_ABI_V0_5);
    }

    @Override
    List<TensorRule> layerTensors(Hyperparameters hyperparameters, int layer) {
        ImmutableList.Builder<TensorRule> rules = ImmutableList.builder();
        rules.addAll(attention()).add(TensorRule.required("ffn_norm.weight", Dimension.EMBEDDING));
        switch (attention) {
            case BIASED -> rules.addAll(attentionBiases());
            case NORMED -> rules.addAll(headNorms());
        }
        switch (experts) {
            case NONE -> rules.addAll(feedForward());
            case ROUTED -> rules.addAll(experts(Dimension.EXPERT_FEED_FORWARD));
            case ROUTED_AND_SHARED -> rules.addAll(experts(Dimension.EXPERT_FEED_FORWARD))
                    .add(TensorRule.required("ffn_gate_inp_shexp.weight", Dimension.EMBEDDING))
                    .addAll(sharedExpert(Dimension.GIVEN_SHARED_FEED_FORWARD));
        }
        return rules.build();
    }

    @Override
    Optional<String> refusal(ModelFile model, Hyperparameters hyperparameters, EngineAbi engine) {
        if ((experts == Experts.NONE) != (hyperparameters.experts() == 0)) {
            return Optional.of("expert_count is %d".formatted(hyperparameters.experts()));
        }
        return unequalHeads(hyperparameters);
    }

    @Override
    boolean insistsOnOutput(EngineAbi engine) {
        return experts == Experts.ROUTED_AND_SHARED;
    }
}
