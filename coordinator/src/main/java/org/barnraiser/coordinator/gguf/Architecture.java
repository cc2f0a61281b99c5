package org.barnraiser.coordinator.gguf;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.barnraiser.proto.EngineAbi;

/**
 * What must be known of one of llama.cpp's architectures to cut it exactly. Facts are from {@code load_hparams}, {@code
 * load_tensors} and the graph builders of both engines.
 */
abstract sealed class Architecture
        permits Llama, Qwen, Gemma3, Phi3, DeepSeek2, GptOss, Granite, Olmo, Cohere, Variant, Mixture, Llama4 {
    private final String name;
    private final Set<EngineAbi> engines;

    Architecture(String name, EngineAbi... engines) {
        this.name = name;
        this.engines = Set.of(engines);
    }

    /** {@code general.architecture}. */
    final String name() {
        return name;
    }

    /** The engines that know it. */
    final Set<EngineAbi> engines() {
        return engines;
    }

    /** The tensors of a layer. */
    abstract List<TensorRule> layerTensors(Hyperparameters hyperparameters, int layer);

    /**
     * Tensors of the whole model that every stage needs.
     *
     * @param longRope whether the model's rope scaling has factors for long and for short contexts
     */
    List<TensorRule> sharedTensors(boolean longRope) {
        return List.of();
    }

    /** Tensors of this model that every stage needs. */
    final List<TensorRule> sharedTensors(ModelFile model) throws GgufException {
        return sharedTensors(model.metadata().findText(model.key("rope.scaling.type")).orElse("").equals("longrope"));
    }

    /** Why this model cannot be computed or cut exactly, if so. */
    Optional<String> refusal(ModelFile model, Hyperparameters hyperparameters, EngineAbi engine) throws GgufException {
        return Optional.empty();
    }

    /** A layer's number counts only modulo this. */
    int period(ModelFile model, EngineAbi engine) throws GgufException {
        return 1;
    }

    /**
     * Whether llama.cpp computes a shard of that many layers as it computes the whole; it picks some things by the
     * number of layers.
     */
    boolean keepsMeaning(ModelFile model, Hyperparameters hyperparameters, EngineAbi engine, int layers)
            throws GgufException {
        return true;
    }

    /**
     * Changes a shard's hyper-parameters, by name without the architecture, so that layers {@code [first, last)} mean
     * what they meant.
     */
    void adjust(Map<String, MetadataValue> shard, ModelFile model, EngineAbi engine, int first, int last)
            throws GgufException {}

    /**
     * What the head multiplies embeddings by, where llama.cpp does so for tokens only or is kept from doing so by
     * {@link #adjust}.
     */
    float embeddingScale(ModelFile model) throws GgufException {
        return 1;
    }

    /** Whether llama.cpp insists on {@code output.weight} instead of falling back on the token embedding. */
    boolean insistsOnOutput(EngineAbi engine) {
        return false;
    }

    /** {@code Q, K, V} and output projections as separate matrices. */
    static List<TensorRule> attention() {
        return List.of(TensorRule.required("attn_norm.weight", Dimension.EMBEDDING),
                TensorRule.required("attn_q.weight", Dimension.EMBEDDING, Dimension.QUERY),
                TensorRule.required("attn_k.weight", Dimension.EMBEDDING, Dimension.KEY),
                TensorRule.required("attn_v.weight", Dimension.EMBEDDING, Dimension.VALUE),
                TensorRule.required("attn_output.weight", Dimension.QUERY, Dimension.EMBEDDING));
    }

    /** A feed-forward network with a gate. */
    static List<TensorRule> feedForward() {
        return List.of(TensorRule.required("ffn_gate.weight", Dimension.EMBEDDING, Dimension.FEED_FORWARD),
                TensorRule.required("ffn_up.weight", Dimension.EMBEDDING, Dimension.FEED_FORWARD),
                TensorRule.required("ffn_down.weight", Dimension.FEED_FORWARD, Dimension.EMBEDDING));
    }

    /** A router and its experts. */
    static List<TensorRule> experts(Dimension feedForward) {
        return List.of(TensorRule.required("ffn_gate_inp.weight", Dimension.EMBEDDING, Dimension.EXPERTS),
                TensorRule.required("ffn_gate_exps.weight", Dimension.EMBEDDING, feedForward, Dimension.EXPERTS),
                TensorRule.required("ffn_up_exps.weight", Dimension.EMBEDDING, feedForward, Dimension.EXPERTS),
                TensorRule.required("ffn_down_exps.weight", feedForward, Dimension.EMBEDDING, Dimension.EXPERTS));
    }

    /** A feed-forward network that every token visits beside the experts. */
    static List<TensorRule> sharedExpert(Dimension feedForward) {
        return List.of(TensorRule.required("ffn_gate_shexp.weight", Dimension.EMBEDDING, feedForward),
                TensorRule.required("ffn_up_shexp.weight", Dimension.EMBEDDING, feedForward),
                TensorRule.required("ffn_down_shexp.weight", feedForward, Dimension.EMBEDDING));
    }

    static List<TensorRule> attentionBiases() {
        return List.of(TensorRule.required("attn_q.bias", Dimension.QUERY),
                TensorRule.required("attn_k.bias", Dimension.KEY),
                TensorRule.required("attn_v.bias", Dimension.VALUE));
    }

    /** Norms over each head's query and key. */
    static List<TensorRule> headNorms() {
        return List.of(TensorRule.required("attn_q_norm.weight", Dimension.KEY_LENGTH),
                TensorRule.required("attn_k_norm.weight", Dimension.KEY_LENGTH));
    }

    /** Norms over all of a layer's queries and over all of its keys. */
    static List<TensorRule> wideNorms() {
        return List.of(TensorRule.required("attn_q_norm.weight", Dimension.QUERY),
                TensorRule.required("attn_k_norm.weight", Dimension.KEY));
    }

    /** Counts those of the first layers without experts that lie in the shard. */
    static void cutLeadingDense(Map<String, MetadataValue> shard, Hyperparameters whole, int first, int last) {
        shard.put("leading_dense_block_count",
                uint32(Math.clamp((long) whole.leadingDense() - first, 0, last - first)));
    }

    /** A number that the file may give instead of llama.cpp's own. */
    static int given(ModelFile model, String name, int otherwise) throws GgufException {
        return model.metadata().values().get(model.key(name)) instanceof MetadataValue.Whole
                ? model.metadata().whole(model.key(name), 1, GgufFormat.MAX_LAYERS)
                : otherwise;
    }

    /** The assertion {@code n_embd_head_k == n_embd_head_v == n_rot} of many graphs. */
    static Optional<String> unequalHeads(Hyperparameters hyperparameters) {
        boolean equal = hyperparameters.keyLength() == hyperparameters.valueLength()
                && hyperparameters.keyLength() == hyperparameters.ropeDimensions();
        return equal
                ? Optional.empty()
                : Optional
                        .of("keys (%d), values (%d) and rope dimensions (%d) of a head must be equally long".formatted(
                                hyperparameters.keyLength(), hyperparameters.valueLength(),
                                hyperparameters.ropeDimensions()));
    }

    static MetadataValue uint32(int value) {
        return new MetadataValue.Whole(ValueType.UINT32, value);
    }
}
