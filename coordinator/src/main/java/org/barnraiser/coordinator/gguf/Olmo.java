package org.barnraiser.coordinator.gguf;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.proto.EngineAbi;

/** OLMo 2 and 3, which have norms after each part instead of before, and OLMoE. */
final class Olmo extends Architecture {
    private static final int WINDOW_PERIOD = 4;

    private final boolean experts;

    private Olmo(String name, boolean experts) {
        super(name, EngineAbi.ENGINE_ABI_B4916, EngineAbi.ENGINE_ABI_V0_5);
        this.experts = experts;
    }

    static Olmo olmo2() {
        return new Olmo("olmo2", false);
    }

    static Olmo olmoe() {
        return new Olmo("olmoe", true);
    }

    @Override
    List<TensorRule> layerTensors(Hyperparameters hyperparameters, int layer) {
        ImmutableList.Builder<TensorRule> rules = ImmutableList.<TensorRule>builder().addAll(wideNorms());
        if (experts) {
            return rules.addAll(attention()).add(TensorRule.required("ffn_norm.weight", Dimension.EMBEDDING))
                    .addAll(experts(Dimension.FEED_FORWARD)).build();
        }
        attention().stream().filter(rule -> !rule.name().equals("attn_norm.weight")).forEach(rules::add);
        return rules
                .add(TensorRule.required("post_attention_norm.weight", Dimension.EMBEDDING),
                        TensorRule.required("post_ffw_norm.weight", Dimension.EMBEDDING))
                .addAll(feedForward()).build();
    }

    @Override
    Optional<String> refusal(ModelFile model, Hyperparameters hyperparameters, EngineAbi engine) throws GgufException {
        if (experts != (hyperparameters.experts() > 0)) {
            return Optional.of("expert_count is %d".formatted(hyperparameters.experts()));
        }
        if (engine == EngineAbi.ENGINE_ABI_B4916 && hasWindow(model)) {
            return Optional.of("it has a sliding window, which the engine is too old for; "
                    + "give the worker a newer one with --llama-lib");
        }
        return unequalHeads(hyperparameters);
    }

    @Override
    int period(ModelFile model, EngineAbi engine) throws GgufException {
        return hasWindow(model) ? given(model, "attention.sliding_window_pattern", WINDOW_PERIOD) : 1;
    }

    @Override
    boolean insistsOnOutput(EngineAbi engine) {
        return true;
    }

    private static boolean hasWindow(ModelFile model) throws GgufException {
        return model.metadata().findWhole(model.key("attention.sliding_window")).orElse(0) > 0;
    }
}
