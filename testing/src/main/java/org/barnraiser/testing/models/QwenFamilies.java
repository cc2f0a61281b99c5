package org.barnraiser.testing.models;

/** The Qwen architectures. */
final class QwenFamilies {

    private QwenFamilies() {}

    /** Llama with biases on query, key and value. */
    static ModelShape qwen2(ModelSize size) {
        var layout = new Layout("qwen2", size);
        layout.untiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            norms(layout, layer);
            layout.attention(layer);
            layout.attentionBiases(layer);
            layout.feedForward(layer);
        }
        return layout.shape();
    }

    /** Routed experts beside a shared one behind a gate. */
    static ModelShape qwen2Moe(ModelSize size) {
        var layout = new Layout("qwen2moe", size);
        layout.mixtureOfExperts();
        layout.set("expert_feed_forward_length", size.feedForwardLength());
        layout.set("expert_shared_feed_forward_length", size.feedForwardLength());
        layout.untiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            norms(layout, layer);
            layout.attention(layer);
            layout.attentionBiases(layer);
            layout.experts(layer);
            layout.weight(layer, "ffn_gate_inp_shexp", TensorRole.FULL_PRECISION_MATRIX, size.embeddingLength());
            layout.feedForward(layer, "_shexp", size.feedForwardLength());
        }
        return layout.shape();
    }

    /** Norms over each head's query and key instead of biases. */
    static ModelShape qwen3(ModelSize size) {
        var layout = new Layout("qwen3", size);
        layout.headLengths();
        layout.tiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            norms(layout, layer);
            layout.attention(layer);
            layout.headNorms(layer);
            layout.feedForward(layer);
        }
        return layout.shape();
    }

    static ModelShape qwen3Moe(ModelSize size) {
        var layout = new Layout("qwen3moe", size);
        layout.headLengths();
        layout.mixtureOfExperts();
        layout.set("expert_feed_forward_length", size.feedForwardLength());
        layout.untiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            norms(layout, layer);
            layout.attention(layer);
            layout.headNorms(layer);
            layout.experts(layer);
        }
        return layout.shape();
    }

    private static void norms(Layout layout, int layer) {
        layout.norm(layer, "attn_norm", layout.size.embeddingLength());
        layout.norm(layer, "ffn_norm", layout.size.embeddingLength());
    }
}
