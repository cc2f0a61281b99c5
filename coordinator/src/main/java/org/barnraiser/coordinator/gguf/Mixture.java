package org.barnraiser.coordinator.gguf;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.proto.EngineAbi;

/** Large mixtures of experts of 2025: GLM 4.5 and later, dots.llm1, Ernie 4.5, Hunyuan A13B, MiniMax M2. */
final class Mixture extends Architecture {
    private static final String SECTIONS = "rope.dimension_sections";
    private static final TensorRule SECOND_NORM = TensorRule.required("ffn_norm.weight", Dimension.EMBEDDING);

    private final ImmutableList<TensorRule> everyLayer;
    private final ImmutableList<TensorRule> expertLayers;
    private final Traits traits;

    /**
     * What sets the architectures apart.
     *
     * @param leadingDense the first layers may have no experts
     * @param insistsOnOutput as {@link Architecture#insistsOnOutput}
     * @param partlyRotated only a part of each head may carry the position
     * @param abortsOnEmbeddings llama.cpp takes embeddings for images, and ends the process unless positions have
     * several dimensions
     */
    private record Traits(boolean leadingDense, boolean insistsOnOutput, boolean partlyRotated,
            boolean abortsOnEmbeddings) {}

    private Mixture(String name, List<TensorRule> everyLayer, List<TensorRule> expertLayers, Traits traits) {
        super(name, EngineAbi.ENGINE_ABI_V0_5);
        this.everyLayer = ImmutableList.<TensorRule>builder().addAll(attention()).addAll(everyLayer).build();
        this.expertLayers = ImmutableList.copyOf(expertLayers);
        this.traits = traits;
    }

    static Mixture glm4moe() {
        return new Mixture("glm4moe",
                concat(attentionBiases(), List.of(
                        TensorRule.optional("attn_q_norm.weight", Dimension.KEY_LENGTH),
                        TensorRule.optional("attn_k_norm.weight", Dimension.KEY_LENGTH),
                        TensorRule.required("post_attention_norm.weight", Dimension.EMBEDDING))),
                concat(experts(Dimension.EXPERT_FEED_FORWARD), sharedExpert(Dimension.SHARED_FEED_FORWARD),
                        List.of(TensorRule.required("exp_probs_b.bias", Dimension.EXPERTS))),
                new Traits(true, false, true, true));
    }

    static Mixture dots1() {
        return new Mixture("dots1", concat(headNorms(), List.of(SECOND_NORM)),
                concat(experts(Dimension.EXPERT_FEED_FORWARD), sharedExpert(Dimension.SHARED_FEED_FORWARD),
                        List.of(TensorRule.optional("exp_probs_b.bias", Dimension.EXPERTS))),
                new Traits(true, true, false, false));
    }

    static Mixture ernie45moe() {
        return new Mixture("ernie4_5-moe", List.of(SECOND_NORM),
                concat(experts(Dimension.EXPERT_FEED_FORWARD), sharedExpert(Dimension.GIVEN_SHARED_FEED_FORWARD),
                        List.of(TensorRule.optional("exp_probs_b.bias", Dimension.EXPERTS))),
                new Traits(true, false, false, false));
    }

    static Mixture hunyuanMoe() {
        return new Mixture("hunyuan-moe", concat(headNorms(), List.of(SECOND_NORM)),
                concat(experts(Dimension.FEED_FORWARD), sharedExpert(Dimension.GIVEN_SHARED_FEED_FORWARD)),
                new Traits(false, false, false, false));
    }

    static Mixture minimaxM2() {
        return new Mixture("minimax-m2", concat(wideNorms(), List.of(SECOND_NORM)),
                concat(experts(Dimension.FEED_FORWARD),
                        List.of(TensorRule.required("exp_probs_b.bias", Dimension.EXPERTS))),
                new Traits(false, true, true, false));
    }

    @Override
    List<TensorRule> layerTensors(Hyperparameters hyperparameters, int layer) {
        boolean dense = traits.leadingDense() && layer < hyperparameters.leadingDense();
        return concat(everyLayer, dense ? feedForward() : expertLayers);
    }

    @Override
    Optional<String> refusal(ModelFile model, Hyperparameters hyperparameters, EngineAbi engine) throws GgufException {
        if (hyperparameters.experts() == 0 || hyperparameters.expertFeedForward() == 0) {
            return Optional.of("expert_count or expert_feed_forward_length is missing");
        }
        if (hyperparameters.expertStep() != 1) {
            return Optional.of("only some of its layers have experts");
        }
        if (!traits.partlyRotated()) {
            return unequalHeads(hyperparameters);
        }
        return hyperparameters.keyLength() == hyperparameters.valueLength()
                ? Optional.empty()
                : Optional.of("keys and values of a head must be equally long");
    }

    /**
     * Where llama.cpp takes embeddings for images, it accepts them in a model whose positions have several dimensions.
     * All dimensions of a text's position are the same number, so the result is the same, to the bit.
     */
    @Override
    void adjust(Map<String, MetadataValue> shard, ModelFile model, EngineAbi engine, int first, int last)
            throws GgufException {
        Hyperparameters whole = Hyperparameters.of(model);
        if (traits.leadingDense()) {
            cutLeadingDense(shard, whole, first, last);
        }
        if (traits.abortsOnEmbeddings()) {
            int half = whole.ropeDimensions() / 4;
            shard.putIfAbsent(SECTIONS, new MetadataValue.Array(
                    MetadataArray.ofInt32(half, whole.ropeDimensions() / 2 - half, 0, 0)));
        }
    }

    @Override
    boolean insistsOnOutput(EngineAbi engine) {
        return traits.insistsOnOutput();
    }

    @SafeVarargs
    private static ImmutableList<TensorRule> concat(List<TensorRule>... rules) {
        ImmutableList.Builder<TensorRule> all = ImmutableList.builder();
        for (List<TensorRule> some : rules) {
            all.addAll(some);
        }
        return all.build();
    }
}
