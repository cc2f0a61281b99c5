package org.barnraiser.coordinator.gguf;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.proto.EngineAbi;

/** gpt-oss: every other layer has a sliding window, all have experts. */
final class GptOss extends Architecture {
    private static final String PATTERN = "attention.sliding_window_pattern";
    private static final int PERIOD = 2;

    GptOss() {
        super("gpt-oss", EngineAbi.ENGINE_ABI_V0_5);
    }

    @Override
    List<TensorRule> layerTensors(Hyperparameters hyperparameters, int layer) {
        return ImmutableList.<TensorRule>builder().addAll(attention())
                .add(TensorRule.required("attn_q.bias", Dimension.QUERY),
                        TensorRule.required("attn_k.bias", Dimension.KEY),
                        TensorRule.required("attn_v.bias", Dimension.VALUE),
                        TensorRule.required("attn_output.bias", Dimension.EMBEDDING),
                        TensorRule.required("attn_sinks.weight", Dimension.HEADS),
                        TensorRule.required("post_attention_norm.weight", Dimension.EMBEDDING))
                .addAll(experts(Dimension.EXPERT_FEED_FORWARD))
                .add(TensorRule.required("ffn_gate_inp.bias", Dimension.EXPERTS),
                        TensorRule.required("ffn_gate_exps.bias", Dimension.EXPERT_FEED_FORWARD, Dimension.EXPERTS),
                        TensorRule.required("ffn_up_exps.bias", Dimension.EXPERT_FEED_FORWARD, Dimension.EXPERTS),
                        TensorRule.required("ffn_down_exps.bias", Dimension.EMBEDDING, Dimension.EXPERTS))
                .build();
    }

    @Override
    Optional<String> refusal(ModelFile model, Hyperparameters hyperparameters, EngineAbi engine) throws GgufException {
        if (hyperparameters.experts() == 0 || hyperparameters.expertFeedForward() == 0) {
            return Optional.of("expert_count or expert_feed_forward_length is missing");
        }
        if (model.metadata().findWhole(model.key("attention.sliding_window")).isEmpty()) {
            return Optional.of("attention.sliding_window is missing");
        }
        return unequalHeads(hyperparameters);
    }

    @Override
    int period(ModelFile model, EngineAbi engine) throws GgufException {
        boolean given = model.metadata().values().get(model.key(PATTERN)) instanceof MetadataValue.Whole;
        return given ? model.metadata().whole(model.key(PATTERN), 1, GgufFormat.MAX_LAYERS) : PERIOD;
    }

    @Override
    boolean insistsOnOutput(EngineAbi engine) {
        return true;
    }
}
