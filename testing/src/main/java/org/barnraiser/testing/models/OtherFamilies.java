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
        layout.headLengths();
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

    /** Norms after attention and feed-forward network instead of before, and over all of a layer's queries and keys. */
    static ModelShape olmo2(ModelSize size) {
        var layout = new Layout("olmo2", size);
        long embedding = size.embeddingLength();
        layout.untiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            layout.attention(layer);
            layout.wideNorms(layer);
            layout.norm(layer, "post_attention_norm", embedding);
            layout.feedForward(layer);
            layout.norm(layer, "post_ffw_norm", embedding);
        }
        return layout.shape();
    }

    /** A mixture of many small experts; as many key and value heads as query heads. */
    static ModelShape olmoe(ModelSize size) {
        var layout = new Layout("olmoe", size.withKeyValueHeads(size.heads()));
        layout.mixtureOfExperts();
        layout.untiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            layout.norm(layer, "attn_norm", size.embeddingLength());
            layout.attention(layer);
            layout.wideNorms(layer);
            layout.norm(layer, "ffn_norm", size.embeddingLength());
            layout.experts(layer);
        }
        return layout.shape();
    }

    /**
     * Attention and feed-forward network side by side behind one norm; every fourth layer has no positions and no
     * window.
     */
    static ModelShape cohere2(ModelSize size) {
        var layout = new Layout("cohere2", size);
        layout.layerNorms();
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

    /** The same plan without windows, as in Command R. */
    static ModelShape commandR(ModelSize size) {
        var layout = new Layout("command-r", size);
        layout.layerNorms();
        layout.set("logit_scale", 0.0625f);
        layout.tiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            layout.norm(layer, "attn_norm", size.embeddingLength());
            layout.attention(layer);
            layout.feedForward(layer);
        }
        return layout.shape();
    }

    /** Llama with biases on query, key and value and another name for the second norm. */
    static ModelShape seedOss(ModelSize size) {
        var layout = new Layout("seed_oss", size);
        layout.headLengths();
        layout.untiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            layout.norm(layer, "attn_norm", size.embeddingLength());
            layout.attention(layer);
            layout.attentionBiases(layer);
            layout.norm(layer, "post_attention_norm", size.embeddingLength());
            layout.feedForward(layer);
        }
        return layout.shape();
    }

    /** Norms before and after each part, one matrix for gate and up, half of each head rotated. */
    static ModelShape glm4(ModelSize size) {
        var layout = new Layout("glm4", size);
        long embedding = size.embeddingLength();
        layout.headLengths();
        layout.set("rope.dimension_count", size.headLength() / 2);
        layout.untiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            layout.norm(layer, "attn_norm", embedding);
            layout.attention(layer);
            layout.attentionBiases(layer);
            layout.norm(layer, "post_attention_norm", embedding);
            layout.norm(layer, "ffn_norm", embedding);
            layout.matrix(layer, "ffn_up", embedding, 2L * size.feedForwardLength());
            layout.matrix(layer, "ffn_down", size.feedForwardLength(), embedding);
            layout.norm(layer, "post_ffw_norm", embedding);
        }
        return layout.shape();
    }
}
