package org.barnraiser.testing.models;

/**
 * Llama and the architectures that follow its plan: attention, then a gated feed-forward network, each behind a norm.
 */
final class LlamaFamilies {

    private LlamaFamilies() {}

    /** Grouped-query attention and an output matrix of its own, as in Llama 2 and Mistral 7B. */
    static ModelShape llama(ModelSize size) {
        var layout = new Layout("llama", size);
        layout.untiedEmbedding();
        denseLayers(layout);
        return layout.shape();
    }

    /** The token embedding serves as output matrix, as in SmolLM. */
    static ModelShape tied(ModelSize size) {
        var layout = new Layout("llama", size);
        layout.tiedEmbedding();
        denseLayers(layout);
        return layout.shape();
    }

    /** Rotary frequencies with divisors, as in Llama 3.1 and later. */
    static ModelShape ropeFactors(ModelSize size) {
        var layout = new Layout("llama", size);
        layout.tiedEmbedding();
        layout.tensor("rope_freqs.weight", TensorRole.ROPE_FACTORS, size.headLength() / 2);
        denseLayers(layout);
        return layout.shape();
    }

    /** A mixture of experts, as in Mixtral. */
    static ModelShape mixtral(ModelSize size) {
        var layout = new Layout("llama", size);
        layout.mixtureOfExperts();
        layout.untiedEmbedding();
        expertLayers(layout);
        return layout.shape();
    }

    /** Llama with scaled embeddings, residuals, attention and logits. */
    static ModelShape granite(ModelSize size) {
        var layout = new Layout("granite", size);
        graniteScales(layout);
        layout.tiedEmbedding();
        denseLayers(layout);
        return layout.shape();
    }

    static ModelShape graniteMoe(ModelSize size) {
        var layout = new Layout("granitemoe", size);
        graniteScales(layout);
        layout.mixtureOfExperts();
        layout.tiedEmbedding();
        expertLayers(layout);
        return layout.shape();
    }

    /** Every fourth layer has no rotary embedding. */
    static ModelShape smolLm3(ModelSize size) {
        var layout = new Layout("smollm3", size);
        layout.tiedEmbedding();
        denseLayers(layout);
        return layout.shape();
    }

    /** Llama with attention temperature and YaRN settings of its own, as in Ministral 3. */
    static ModelShape mistral3(ModelSize size) {
        var layout = new Layout("mistral3", size);
        layout.set("attention.temperature_scale", 0.1f);
        layout.set("rope.scaling.original_context_length", 16);
        layout.untiedEmbedding();
        denseLayers(layout);
        return layout.shape();
    }

    private static void graniteScales(Layout layout) {
        layout.set("embedding_scale", 12f);
        layout.set("residual_scale", 0.22f);
        layout.set("attention.scale", 0.015625f);
        layout.set("logit_scale", 8f);
    }

    private static void denseLayers(Layout layout) {
        for (int layer = 0; layer < layout.size.layers(); layer++) {
            normsAndAttention(layout, layer);
            layout.feedForward(layer);
        }
    }

    private static void expertLayers(Layout layout) {
        for (int layer = 0; layer < layout.size.layers(); layer++) {
            normsAndAttention(layout, layer);
            layout.experts(layer);
        }
    }

    private static void normsAndAttention(Layout layout, int layer) {
        layout.norm(layer, "attn_norm", layout.size.embeddingLength());
        layout.attention(layer);
        layout.norm(layer, "ffn_norm", layout.size.embeddingLength());
    }
}
