package org.barnraiser.coordinator.gguf;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.proto.EngineAbi;

/** Granite 3 and later, dense and with experts: Llama with scaled embeddings, residuals, attention and logits. */
final class Granite extends Architecture {
    private static final String EMBEDDING_SCALE = "embedding_scale";

    private final boolean experts;

    private Granite(String name, boolean experts) {
        super(name, EngineAbi.ENGINE_ABI_B4916, EngineAbi.ENGINE_ABI_V0_5);
        this.experts = experts;
    }

    static Granite granite() {
        return new Granite("granite", false);
    }

    static Granite graniteMoe() {
        return new Granite("granitemoe", true);
    }

    @Override
    List<TensorRule> layerTensors(Hyperparameters hyperparameters, int layer) {
        return ImmutableList.<TensorRule>builder().addAll(attention())
                .add(TensorRule.required("ffn_norm.weight", Dimension.EMBEDDING))
                .addAll(experts ? experts(Dimension.FEED_FORWARD) : feedForward()).build();
    }

    @Override
    Optional<String> refusal(ModelFile model, Hyperparameters hyperparameters, EngineAbi engine) throws GgufException {
        if (experts != (hyperparameters.experts() > 0)) {
            return Optional.of("expert_count is %d".formatted(hyperparameters.experts()));
        }
        if (model.metadata().findReal(model.key("logit_scale")).isEmpty()) {
            return Optional.of("logit_scale is missing");
        }
        return unequalHeads(hyperparameters);
    }

    /** llama.cpp would scale hidden states, too; so the head scales, and nobody else. */
    @Override
    void adjust(Map<String, MetadataValue> shard, ModelFile model, EngineAbi engine, int first, int last) {
        shard.computeIfPresent(EMBEDDING_SCALE, (_, _) -> new MetadataValue.Real(ValueType.FLOAT32, 1));
    }

    @Override
    float embeddingScale(ModelFile model) throws GgufException {
        float scale = (float) model.metadata().findReal(model.key(EMBEDDING_SCALE)).orElse(1);
        return scale == 0 ? 1 : scale;
    }
}
