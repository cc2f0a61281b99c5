package org.barnraiser.testing.models;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.barnraiser.coordinator.gguf.MetadataValue;

/**
 * Collects the metadata and tensors of one architecture while a family describes it. Names are those of gguf-py's
 * {@code constants.py}; shapes those of llama.cpp's {@code load_arch_tensors}.
 */
final class Layout {

    final ModelSize size;
    private final String architecture;
    private final Map<String, MetadataValue> metadata = new LinkedHashMap<>();
    private final List<TensorShape> tensors = new ArrayList<>();

    /** Starts an architecture with the keys that every one of them needs. */
    Layout(String architecture, ModelSize size) {
        this.architecture = architecture;
        this.size = size;
        metadata.put("general.architecture", Values.of(architecture));
        metadata.put("general.name", Values.of("Random " + architecture));
        metadata.put("general.quantization_version", Values.of(2));
        set("block_count", size.layers());
        set("context_length", size.contextLength());
        set("embedding_length", size.embeddingLength());
        set("feed_forward_length", size.feedForwardLength());
        set("attention.head_count", size.heads());
        set("attention.head_count_kv", size.keyValueHeads());
        set("attention.layer_norm_rms_epsilon", 1e-5f);
        set("rope.freq_base", 10_000f);
        set("rope.dimension_count", size.headLength());
        set("vocab_size", size.vocabulary());
        metadata.putAll(TestVocabulary.ofSize(size.vocabulary()).metadata());
    }

    /** Norms subtract the mean, as before the root mean square. */
    void layerNorms() {
        metadata.remove(architecture + ".attention.layer_norm_rms_epsilon");
        set("attention.layer_norm_epsilon", 1e-5f);
    }

    /**
     * Sets a key of the architecture; {@code key} comes without the architecture's name. A later value replaces an
     * earlier one.
     */
    void set(String key, int value) {
        metadata.put(architecture + "." + key, Values.of(value));
    }

    void set(String key, float value) {
        metadata.put(architecture + "." + key, Values.of(value));
    }

    void set(String key, boolean value) {
        metadata.put(architecture + "." + key, Values.of(value));
    }

    void set(String key, String value) {
        metadata.put(architecture + "." + key, Values.of(value));
    }

    void tensor(String name, TensorRole role, long... dimensions) {
        tensors.add(new TensorShape(name, role, LongStream.of(dimensions).boxed().toList()));
    }

    /** The weight of layer {@code layer} that llama.cpp calls {@code blk.<layer>.<name>.weight}. */
    void weight(int layer, String name, TensorRole role, long... dimensions) {
        tensor("blk.%d.%s.weight".formatted(layer, name), role, dimensions);
    }

    void matrix(int layer, String name, long columns, long rows) {
        weight(layer, name, TensorRole.MATRIX, columns, rows);
    }

    void norm(int layer, String name, long length) {
        weight(layer, name, TensorRole.NORM, length);
    }

    void bias(int layer, String name, long... dimensions) {
        tensor("blk.%d.%s.bias".formatted(layer, name), TensorRole.BIAS, dimensions);
    }

    /** Token embedding and output norm, without an output matrix: the embedding serves as such. */
    void tiedEmbedding() {
        tensor("token_embd.weight", TensorRole.MATRIX, size.embeddingLength(), size.vocabulary());
        tensor("output_norm.weight", TensorRole.NORM, size.embeddingLength());
    }

    /** Token embedding, output norm and an output matrix of its own. */
    void untiedEmbedding() {
        tiedEmbedding();
        tensor("output.weight", TensorRole.MATRIX, size.embeddingLength(), size.vocabulary());
    }

    /** Query, key, value and output matrices with heads of the size's own width. */
    void attention(int layer) {
        attention(layer, size.headLength());
    }

    void attention(int layer, long headLength) {
        int embedding = size.embeddingLength();
        matrix(layer, "attn_q", embedding, size.heads() * headLength);
        matrix(layer, "attn_k", embedding, size.keyValueHeads() * headLength);
        matrix(layer, "attn_v", embedding, size.keyValueHeads() * headLength);
        matrix(layer, "attn_output", size.heads() * headLength, embedding);
    }

    void attentionBiases(int layer) {
        bias(layer, "attn_q", (long) size.heads() * size.headLength());
        bias(layer, "attn_k", (long) size.keyValueHeads() * size.headLength());
        bias(layer, "attn_v", (long) size.keyValueHeads() * size.headLength());
    }

    /** A norm over each head's query and key. */
    void headNorms(int layer) {
        norm(layer, "attn_q_norm", size.headLength());
        norm(layer, "attn_k_norm", size.headLength());
    }

    /** Norms over all of a layer's queries and over all of its keys. */
    void wideNorms(int layer) {
        norm(layer, "attn_q_norm", (long) size.heads() * size.headLength());
        norm(layer, "attn_k_norm", (long) size.keyValueHeads() * size.headLength());
    }

    /** Gate, up and down of a dense feed-forward network. */
    void feedForward(int layer) {
        feedForward(layer, "", size.feedForwardLength());
    }

    /** The same under another name: {@code suffix} is {@code _shexp} for a shared expert. */
    void feedForward(int layer, String suffix, long length) {
        matrix(layer, "ffn_gate" + suffix, size.embeddingLength(), length);
        matrix(layer, "ffn_up" + suffix, size.embeddingLength(), length);
        matrix(layer, "ffn_down" + suffix, length, size.embeddingLength());
    }

    /** The keys that every mixture of experts needs. */
    void mixtureOfExperts() {
        set("expert_count", size.experts());
        set("expert_used_count", size.expertsUsed());
    }

    /** The keys of mixtures whose first layers are dense and whose experts are chosen by {@code gating}. */
    void mixtureAfterDenseLayers(int denseLayers, Gating gating) {
        mixtureOfExperts();
        set("leading_dense_block_count", denseLayers);
        set("expert_feed_forward_length", size.feedForwardLength());
        set("expert_shared_count", 1);
        set("expert_weights_scale", 2.5f);
        set("expert_weights_norm", true);
        set("expert_gating_func", gating.id);
    }

    /** How a router turns its scores into the experts' weights ({@code enum llama_expert_gating_func_type}). */
    enum Gating {
        SOFTMAX(1), SIGMOID(2);

        private final int id;

        Gating(int id) {
            this.id = id;
        }
    }

    /** Keys and values as wide as the size says, given explicitly. */
    void headLengths() {
        set("attention.key_length", size.headLength());
        set("attention.value_length", size.headLength());
    }

    /** A router and the routed experts. */
    void experts(int layer) {
        long embedding = size.embeddingLength();
        long length = size.feedForwardLength();
        weight(layer, "ffn_gate_inp", TensorRole.FULL_PRECISION_MATRIX, embedding, size.experts());
        weight(layer, "ffn_gate_exps", TensorRole.MATRIX, embedding, length, size.experts());
        weight(layer, "ffn_up_exps", TensorRole.MATRIX, embedding, length, size.experts());
        weight(layer, "ffn_down_exps", TensorRole.MATRIX, length, embedding, size.experts());
    }

    ModelShape shape() {
        return new ModelShape(architecture, metadata, tensors);
    }
}
