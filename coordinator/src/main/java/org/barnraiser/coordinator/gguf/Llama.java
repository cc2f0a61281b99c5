package org.barnraiser.coordinator.gguf;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.proto.EngineAbi;

/** Llama 2 and 3, Mistral, Mixtral and whatever is converted as them. */
final class Llama extends Architecture {

    Llama() {
        super("llama", EngineAbi.ENGINE_ABI_B4916, EngineAbi.ENGINE_ABI_V0_5);
    }

    @Override
    List<TensorRule> layerTensors(Hyperparameters hyperparameters, int layer) {
        ImmutableList.Builder<TensorRule> rules = ImmutableList.builder();
        rules.addAll(attention());
        rules.add(TensorRule.optional("attn_q.bias", Dimension.QUERY),
                TensorRule.optional("attn_k.bias", Dimension.KEY),
                TensorRule.optional("attn_v.bias", Dimension.VALUE),
                TensorRule.optional("attn_output.bias", Dimension.EMBEDDING),
                TensorRule.required("ffn_norm.weight", Dimension.EMBEDDING));
        if (hyperparameters.experts() > 0) {
            return rules.addAll(experts(Dimension.FEED_FORWARD)).build();
        }
        return rules.addAll(feedForward()).add(TensorRule.optional("ffn_gate.bias", Dimension.FEED_FORWARD),
                TensorRule.optional("ffn_up.bias", Dimension.FEED_FORWARD),
                TensorRule.optional("ffn_down.bias", Dimension.EMBEDDING)).build();
    }

    @Override
    List<TensorRule> sharedTensors(boolean longRope) {
        return longRope
                ? List.of(TensorRule.optional("rope_factors_long.weight", Dimension.HALF_ROPE),
                        TensorRule.optional("rope_factors_short.weight", Dimension.HALF_ROPE))
                : List.of(TensorRule.optional("rope_freqs.weight", Dimension.HALF_ROPE));
    }

    @Override
    Optional<String> refusal(ModelFile model, Hyperparameters hyperparameters, EngineAbi engine) {
        return unequalHeads(hyperparameters);
    }
}
