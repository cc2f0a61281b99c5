package org.barnraiser.testing.models;

/** The Gemma architectures: scaled embeddings, norms before and after each part, and sliding windows in most layers. */
final class GemmaFamilies {

    /** Short, so that a test's prompt is longer. */
    private static final int SLIDING_WINDOW_TOKENS = 24;

    private GemmaFamilies() {}

    /** Every second layer sees a sliding window only; logits of attention and output are capped. */
    static ModelShape gemma2(ModelSize size) {
        var layout = new Layout("gemma2", size);
        layout.set("attn_logit_softcapping", 50f);
        layout.set("final_logit_softcapping", 30f);
        layers(layout, false);
        return layout.shape();
    }

    /** Every sixth layer sees all tokens, the others a sliding window; norms over each head's query and key. */
    static ModelShape gemma3(ModelSize size) {
        var layout = new Layout("gemma3", size);
        layout.set("rope.freq_base", 1_000_000f);
        layers(layout, true);
        return layout.shape();
    }

    private static void layers(Layout layout, boolean headNorms) {
        long embedding = layout.size.embeddingLength();
        layout.headLengths();
        layout.set("attention.sliding_window", SLIDING_WINDOW_TOKENS);
        layout.tiedEmbedding();
        for (int layer = 0; layer < layout.size.layers(); layer++) {
            layout.norm(layer, "attn_norm", embedding);
            layout.attention(layer);
            if (headNorms) {
                layout.headNorms(layer);
            }
            layout.norm(layer, "post_attention_norm", embedding);
            layout.norm(layer, "ffn_norm", embedding);
            layout.feedForward(layer);
            layout.norm(layer, "post_ffw_norm", embedding);
        }
    }
}
