package org.barnraiser.coordinator.gguf;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.proto.EngineAbi;

/**
 * DeepSeek 2 and 3 and their descendants. llama.cpp tells the "lite" models, whose queries have no low-rank form, from the full ones by
 * the number of layers.
 */
final class DeepSeek2 extends Architecture {
    private static final String QUERY_RANK = "attention.q_lora_rank";
    private static final String GATING = "expert_gating_func";
    private static final List<String> REQUIRED_BY_B4916 = List.of("expert_weights_scale",
            "rope.scaling.yarn_log_multiplier");
    private static final int SOFTMAX = 1;
    private static final int SIGMOID = 2;

    DeepSeek2() {
        super("deepseek2", EngineAbi.ENGINE_ABI_B4916, EngineAbi.ENGINE_ABI_V0_5);
    }

    @Override
    List<TensorRule> layerTensors(Hyperparameters hyperparameters, int layer) {
        ImmutableList.Builder<TensorRule> rules = ImmutableList.builder();
        rules.add(TensorRule.required("attn_norm.weight", Dimension.EMBEDDING),
                TensorRule.required("attn_kv_a_norm.weight", Dimension.CACHE_RANK),
                TensorRule.required("attn_kv_a_mqa.weight", Dimension.EMBEDDING, Dimension.CACHE_RANK_AND_ROPE),
                TensorRule.required("attn_output.weight", Dimension.FULL_ATTENTION, Dimension.EMBEDDING),
                TensorRule.required("ffn_norm.weight", Dimension.EMBEDDING));
        if (hyperparameters.queryRank() == 0) {
            rules.add(TensorRule.required("attn_q.weight", Dimension.EMBEDDING, Dimension.FULL_QUERY));
        } else {
            rules.add(TensorRule.required("attn_q_a_norm.weight", Dimension.QUERY_RANK),
                    TensorRule.required("attn_q_a.weight", Dimension.EMBEDDING, Dimension.QUERY_RANK),
                    TensorRule.required("attn_q_b.weight", Dimension.QUERY_RANK, Dimension.FULL_QUERY));
        }
        if (isLatent(hyperparameters)) {
            rules.add(
                    TensorRule.required("attn_k_b.weight", Dimension.FULL_KEY_WITHOUT_ROPE, Dimension.CACHE_RANK,
                            Dimension.HEADS),
                    TensorRule.required("attn_v_b.weight", Dimension.CACHE_RANK, Dimension.FULL_VALUE,
                            Dimension.HEADS));
        } else {
            rules.add(TensorRule.required("attn_kv_b.weight", Dimension.CACHE_RANK, Dimension.FULL_KEY_VALUE));
        }
        if (layer < hyperparameters.leadingDense()) {
            return rules.addAll(feedForward()).build();
        }
        return rules.addAll(experts(Dimension.EXPERT_FEED_FORWARD))
                .add(TensorRule.optional("exp_probs_b.bias", Dimension.EXPERTS),
                        TensorRule.required("ffn_gate_shexp.weight", Dimension.EMBEDDING,
                                Dimension.SHARED_FEED_FORWARD),
                        TensorRule.required("ffn_up_shexp.weight", Dimension.EMBEDDING, Dimension.SHARED_FEED_FORWARD),
                        TensorRule.required("ffn_down_shexp.weight", Dimension.SHARED_FEED_FORWARD,
                                Dimension.EMBEDDING))
                .build();
    }

    @Override
    Optional<String> refusal(ModelFile model, Hyperparameters hyperparameters, EngineAbi engine) throws GgufException {
        boolean lite = isTakenForLite(engine, hyperparameters.layers(), hyperparameters.vocabulary());
        if (lite != (hyperparameters.queryRank() == 0)) {
            return Optional.of("%s does not go with %d layers".formatted(QUERY_RANK, hyperparameters.layers()));
        }
        if (engine == EngineAbi.ENGINE_ABI_B4916 && isLatent(hyperparameters)) {
            return Optional.of(
                    "its attention is stored in the latent form, which the engine is too old for; give the worker a newer one with --llama-lib");
        }
        for (String key : REQUIRED_BY_B4916) {
            if (engine == EngineAbi.ENGINE_ABI_B4916 && model.metadata().findReal(model.key(key)).isEmpty()) {
                return Optional.of(key + " is missing");
            }
        }
        if (hyperparameters.experts() == 0 || hyperparameters.expertFeedForward() == 0
                || hyperparameters.sharedExperts() == 0) {
            return Optional.of("expert_count, expert_shared_count or expert_feed_forward_length is missing");
        }
        return Dimension.FULL_KEY_WITHOUT_ROPE.of(hyperparameters) >= 1 && hyperparameters.cacheRank() > 0
                ? Optional.empty()
                : Optional.of("attention.kv_lora_rank is missing or the heads are too short");
    }

    @Override
    boolean keepsMeaning(ModelFile model, Hyperparameters hyperparameters, EngineAbi engine, int layers) {
        if (layers == hyperparameters.layers()) {
            return true;
        }
        boolean lite = hyperparameters.queryRank() == 0;
        // A head or middle shard has a vocabulary of 32, the tail the model's own: it must be right for either.
        boolean takenForLite = isTakenForLite(engine, layers, hyperparameters.vocabulary());
        return lite ? engine == EngineAbi.ENGINE_ABI_V0_5 : !takenForLite;
    }

    @Override
    void adjust(Map<String, MetadataValue> shard, ModelFile model, EngineAbi engine, int first, int last)
            throws GgufException {
        Hyperparameters whole = Hyperparameters.of(model);
        cutLeadingDense(shard, whole, first, last);
        if (whole.queryRank() == 0 && engine == EngineAbi.ENGINE_ABI_V0_5) {
            // A newer llama.cpp demands the rank of a model that it does not take for a lite one; 0 means none.
            shard.put(QUERY_RANK, uint32(0));
        }
        if (!(shard.get(GATING) instanceof MetadataValue.Whole(_, long function)) || function == 0) {
            boolean glm = engine == EngineAbi.ENGINE_ABI_V0_5 && (whole.layers() == 47 || whole.layers() == 48)
                    && whole.vocabulary() == 154_880;
            shard.put(GATING, uint32(glm ? SIGMOID : SOFTMAX));
        }
    }

    @Override
    boolean insistsOnOutput(EngineAbi engine) {
        return engine == EngineAbi.ENGINE_ABI_B4916;
    }

    private static boolean isLatent(Hyperparameters hyperparameters) {
        return hyperparameters.latentKeyLength() > 0 && hyperparameters.latentValueLength() > 0;
    }

    private static boolean isTakenForLite(EngineAbi engine, int layers, int vocabulary) {
        boolean newer = engine == EngineAbi.ENGINE_ABI_V0_5;
        return layers == 27 || (newer && layers == 26) || (newer && layers == 48 && vocabulary == 128_256);
    }
}
