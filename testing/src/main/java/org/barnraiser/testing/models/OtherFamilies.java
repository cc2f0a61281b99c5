package org.barnraiser.testing.models;

/** Architectures that share little with the others. */
final class OtherFamilies {

    private OtherFamilies() {}

    /** One matrix for query, key and value, one for gate and up; rotary factors for short and for long contexts. */
    static ModelShape phi3(ModelSize size) {
        var layout = new Layout("phi3", size);
        long embedding = size.embeddingLength();
        long keyValueLength = (long) size.keyValueHeads() * size.headLength();
        layout.set("attention.sliding_window", size.contextLength());
        layout.set("rope.scaling.original_context_length", size.contextLength() / 2);
        layout.untiedEmbedding();
        layout.tensor("rope_factors_long.weight", TensorRole.ROPE_FACTORS, size.headLength() / 2);
        layout.tensor("rope_factors_short.weight", TensorRole.ROPE_FACTORS, size.headLength() / 2);
        for (int layer = 0; layer < size.layers(); layer++) {
            layout.norm(layer, "attn_norm", embedding);
            layout.matrix(layer, "attn_qkv", embedding, embedding + 2 * keyValueLength);
            layout.matrix(layer, "attn_output", embedding, embedding);
            layout.norm(layer, "ffn_norm", embedding);
            layout.matrix(layer, "ffn_up", embedding, 2L * size.feedForwardLength());
            layout.matrix(layer, "ffn_down", size.feedForwardLength(), embedding);
        }
        return layout.shape();
    }

    /** Attention sinks, biases everywhere, and a sliding window in every second layer. */
    static ModelShape gptOss(ModelSize size) {
        var layout = new Layout("gpt-oss", size);
        long embedding = size.embeddingLength();
        layout.mixtureOfExperts();
        layout.set("expert_feed_forward_length", size.feedForwardLength());
        layout.set("attention.key_length", size.headLength());
        layout.set("attention.value_length", size.headLength());
        layout.set("attention.sliding_window", 24);
        layout.untiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            layout.norm(layer, "attn_norm", embedding);
            layout.attention(layer);
            layout.attentionBiases(layer);
            layout.bias(layer, "attn_output", embedding);
            layout.weight(layer, "attn_sinks", TensorRole.BIAS, size.heads());
            layout.norm(layer, "post_attention_norm", embedding);
            layout.experts(layer);
            layout.bias(layer, "ffn_gate_inp", size.experts());
            layout.bias(layer, "ffn_gate_exps", size.feedForwardLength(), size.experts());
            layout.bias(layer, "ffn_up_exps", size.feedForwardLength(), size.experts());
            layout.bias(layer, "ffn_down_exps", embedding, size.experts());
        }
        return layout.shape();
    }

    /**
     * A dense first layer, then experts chosen by a sigmoid beside a shared one; half of each head is rotated. The last layer
     * predicts a token further and is not part of the model proper.
     */
    static ModelShape glm4Moe(ModelSize size) {
        var layout = new Layout("glm4moe", size);
        long embedding = size.embeddingLength();
        layout.set("block_count", size.layers() + 1);
        layout.set("nextn_predict_layers", 1);
        layout.mixtureOfExperts();
        layout.set("leading_dense_block_count", 1);
        layout.set("expert_feed_forward_length", size.feedForwardLength());
        layout.set("expert_shared_count", 1);
        layout.set("expert_weights_scale", 1f);
        layout.set("expert_weights_norm", true);
        layout.set("expert_gating_func", 2);
        layout.set("attention.key_length", size.headLength());
        layout.set("attention.value_length", size.headLength());
        layout.set("rope.dimension_count", size.headLength() / 2);
        layout.untiedEmbedding();
        for (int layer = 0; layer <= size.layers(); layer++) {
            layout.norm(layer, "attn_norm", embedding);
            layout.attention(layer);
            layout.attentionBiases(layer);
            layout.headNorms(layer);
            layout.norm(layer, "post_attention_norm", embedding);
            if (layer == 0) {
                layout.feedForward(layer);
            } else {
                layout.experts(layer);
                layout.bias(layer, "exp_probs_b", size.experts());
                layout.feedForward(layer, "_shexp", size.feedForwardLength());
            }
        }
        layout.matrix(size.layers(), "nextn.eh_proj", 2 * embedding, embedding);
        layout.norm(size.layers(), "nextn.enorm", embedding);
        layout.norm(size.layers(), "nextn.hnorm", embedding);
        layout.norm(size.layers(), "nextn.shared_head_norm", embedding);
        return layout.shape();
    }

    /** Norms after attention and feed-forward network instead of before, and over all of a layer's queries and keys. */
    static ModelShape olmo2(ModelSize size) {
        var layout = new Layout("olmo2", size);
        long embedding = size.embeddingLength();
        layout.untiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            layout.attention(layer);
            wideNorms(layout, layer);
            layout.norm(layer, "post_attention_norm", embedding);
            layout.feedForward(layer);
            layout.norm(layer, "post_ffw_norm", embedding);
        }
        return layout.shape();
    }

    /** A mixture of many small experts. */
    static ModelShape olmoe(ModelSize size) {
        var layout = new Layout("olmoe", size);
        layout.mixtureOfExperts();
        layout.untiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            layout.norm(layer, "attn_norm", size.embeddingLength());
            layout.attention(layer);
            wideNorms(layout, layer);
            layout.norm(layer, "ffn_norm", size.embeddingLength());
            layout.experts(layer);
        }
        return layout.shape();
    }

    /** Attention and feed-forward network side by side behind one norm; every fourth layer has no positions and no window. */
    static ModelShape cohere2(ModelSize size) {
        var layout = new Layout("cohere2", size);
        layout.set("attention.layer_norm_epsilon", 1e-5f);
        layout.set("attention.sliding_window", 24);
        layout.set("logit_scale", 0.25f);
        layout.tiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            layout.norm(layer, "attn_norm", size.embeddingLength());
            layout.attention(layer);
            layout.feedForward(layer);
        }
        return layout.shape();
    }

    private static void wideNorms(Layout layout, int layer) {
        layout.norm(layer, "attn_q_norm", layout.size.embeddingLength());
        layout.norm(layer, "attn_k_norm", (long) layout.size.keyValueHeads() * layout.size.headLength());
    }
}
