package org.barnraiser.coordinator.gguf;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.proto.EngineAbi;

/**
 * Llama 4: three layers see chunks of the text, the fourth sees all of it and has no positions; experts in every layer
 * or every second.
 */
final class Llama4 extends Architecture {
    private static final int CHUNK_PERIOD = 4;
    private static final String EXPERT_STEP = "interleave_moe_layer_step";

    Llama4() {
        super("llama4", EngineAbi.ENGINE_ABI_V0_5);
    }

    @Override
    List<TensorRule> layerTensors(Hyperparameters hyperparameters, int layer) {
        ImmutableList.Builder<TensorRule> rules = ImmutableList.<TensorRule>builder().addAll(attention())
                .add(TensorRule.required("ffn_norm.weight", Dimension.EMBEDDING));
        return (layer + 1) % hyperparameters.expertStep() == 0
                ? rules.addAll(experts(Dimension.EXPERT_FEED_FORWARD))
                        .addAll(sharedExpert(Dimension.EXPERT_FEED_FORWARD)).build()
                : rules.addAll(feedForward()).build();
    }

    @Override
    List<TensorRule> sharedTensors(boolean longRope) {
        return List.of(TensorRule.optional("rope_freqs.weight", Dimension.HALF_ROPE));
    }

    @Override
    Optional<String> refusal(ModelFile model, Hyperparameters hyperparameters, EngineAbi engine) throws GgufException {
        if (hyperparameters.experts() == 0 || hyperparameters.expertFeedForward() == 0) {
            return Optional.of("expert_count or expert_feed_forward_length is missing");
        }
        if (model.metadata().findWhole(model.key("attention.sliding_window")).orElse(1) == 0) {
            return Optional
                    .of("without attention in chunks, llama.cpp treats the last layer of every shard differently");
        }
        if (CHUNK_PERIOD % hyperparameters.expertStep() != 0) {
            return Optional.of(EXPERT_STEP + " does not go with its period of 4 layers");
        }
        return unequalHeads(hyperparameters);
    }

    @Override
    int period(ModelFile model, EngineAbi engine) {
        return CHUNK_PERIOD;
    }
}
