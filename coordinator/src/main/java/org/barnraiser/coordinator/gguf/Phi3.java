package org.barnraiser.coordinator.gguf;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.barnraiser.proto.EngineAbi;

/** Phi 3, 3.5 and 4. */
final class Phi3 extends Architecture {
    private static final String WINDOW = "attention.sliding_window";

    Phi3() {
        super("phi3", EngineAbi.ENGINE_ABI_B4916, EngineAbi.ENGINE_ABI_V0_5);
    }

    @Override
    List<TensorRule> layerTensors(Hyperparameters hyperparameters, int layer) {
        return List.of(TensorRule.required("attn_norm.weight", Dimension.EMBEDDING),
                TensorRule.required("attn_qkv.weight", Dimension.EMBEDDING, Dimension.QUERY_KEY_VALUE),
                TensorRule.required("attn_output.weight", Dimension.QUERY, Dimension.EMBEDDING),
                TensorRule.required("ffn_norm.weight", Dimension.EMBEDDING),
                TensorRule.required("ffn_up.weight", Dimension.EMBEDDING, Dimension.GATE_AND_UP),
                TensorRule.required("ffn_down.weight", Dimension.FEED_FORWARD, Dimension.EMBEDDING));
    }

    @Override
    List<TensorRule> sharedTensors(boolean longRope) {
        return List.of(TensorRule.optional("rope_factors_long.weight", Dimension.HALF_ROPE),
                TensorRule.optional("rope_factors_short.weight", Dimension.HALF_ROPE));
    }

    @Override
    Optional<String> refusal(ModelFile model, Hyperparameters hyperparameters, EngineAbi engine) throws GgufException {
        if (engine == EngineAbi.ENGINE_ABI_B4916 && model.metadata().findWhole(model.key(WINDOW)).isEmpty()
                && windowByLayerCount(model, hyperparameters).isEmpty()) {
            return Optional.of(WINDOW + " is missing");
        }
        return hyperparameters.keyLength() == hyperparameters.valueLength()
                ? Optional.empty()
                : Optional.of("keys and values of a head must be equally long");
    }

    /** Writes down the window that b4916 would otherwise choose by the shard's number of layers. */
    @Override
    void adjust(Map<String, MetadataValue> shard, ModelFile model, EngineAbi engine, int first, int last)
            throws GgufException {
        if (engine == EngineAbi.ENGINE_ABI_B4916 && !shard.containsKey(WINDOW)) {
            windowByLayerCount(model, Hyperparameters.of(model)).ifPresent(window -> shard.put(WINDOW, uint32(window)));
        }
    }

    private static OptionalInt windowByLayerCount(ModelFile model, Hyperparameters hyperparameters) {
        int layers = hyperparameters.layers();
        boolean mini = layers == 32;
        boolean medium = layers == 40;
        if ((mini || medium) && model.contextLength() == 4096) {
            return OptionalInt.of(2047);
        }
        if (mini && hyperparameters.cacheHeads() == 32 && model.contextLength() == 131_072) {
            return OptionalInt.of(262_144);
        }
        return medium && model.contextLength() == 131_072 ? OptionalInt.of(131_072) : OptionalInt.empty();
    }
}
