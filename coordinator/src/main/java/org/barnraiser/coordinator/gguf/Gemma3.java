package org.barnraiser.coordinator.gguf;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.proto.EngineAbi;

/** Gemma 3: five layers with a sliding window, then one without, over and over. */
final class Gemma3 extends Architecture {
    private static final String PATTERN = "attention.sliding_window_pattern";
    private static final int PERIOD = 6;
    /** llama.cpp takes a model of so many layers for the one of 27B, whose attention scale follows another rule. */
    private static final int LAYERS_OF_27B = 62;

    Gemma3() {
        super("gemma3", EngineAbi.ENGINE_ABI_B4916, EngineAbi.ENGINE_ABI_V0_5);
    }

    @Override
    List<TensorRule> layerTensors(Hyperparameters hyperparameters, int layer) {
        return ImmutableList.<TensorRule>builder().addAll(attention())
                .add(TensorRule.required("attn_q_norm.weight", Dimension.KEY_LENGTH),
                        TensorRule.required("attn_k_norm.weight", Dimension.KEY_LENGTH),
                        TensorRule.required("post_attention_norm.weight", Dimension.EMBEDDING),
                        TensorRule.required("ffn_norm.weight", Dimension.EMBEDDING),
                        TensorRule.required("post_ffw_norm.weight", Dimension.EMBEDDING))
                .addAll(feedForward()).build();
    }

    @Override
    Optional<String> refusal(ModelFile model, Hyperparameters hyperparameters, EngineAbi engine) throws GgufException {
        if (model.metadata().findWhole(model.key("attention.sliding_window")).isEmpty()) {
            return Optional.of("attention.sliding_window is missing");
        }
        return hyperparameters.keyLength() == hyperparameters.valueLength()
                ? Optional.empty()
                : Optional.of("keys and values of a head must be equally long");
    }

    @Override
    int period(ModelFile model, EngineAbi engine) throws GgufException {
        boolean given = engine == EngineAbi.ENGINE_ABI_V0_5
                && model.metadata().values().get(model.key(PATTERN)) instanceof MetadataValue.Whole;
        return given ? model.metadata().whole(model.key(PATTERN), 1, GgufFormat.MAX_LAYERS) : PERIOD;
    }

    @Override
    boolean keepsMeaning(ModelFile model, Hyperparameters hyperparameters, EngineAbi engine, int layers) {
        boolean sameScale = hyperparameters.embedding() / hyperparameters.heads() == hyperparameters.keyLength();
        return sameScale || (layers == LAYERS_OF_27B) == (hyperparameters.layers() == LAYERS_OF_27B);
    }

    @Override
    float embeddingScale(ModelFile model) {
        return (float) Math.sqrt(model.embeddingLength());
    }
}
