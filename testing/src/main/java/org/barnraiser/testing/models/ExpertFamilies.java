package org.barnraiser.testing.models;

import org.barnraiser.testing.models.Layout.Gating;

/** Large mixtures of experts of 2025 that follow neither Mixtral, Qwen nor DeepSeek. */
final class ExpertFamilies {

    private ExpertFamilies() {}

    /**
     * A dense first layer, then experts chosen by a sigmoid beside a shared one; half of each head is rotated. The last
     * layer predicts a token further and is not part of the model proper.
     */
    static ModelShape glm4Moe(ModelSize size) {
        var layout = new Layout("glm4moe", size);
        long embedding = size.embeddingLength();
        layout.set("block_count", size.layers() + 1);
        layout.set("nextn_predict_layers", 1);
        layout.mixtureAfterDenseLayers(1, Gating.SIGMOID);
        layout.headLengths();
        layout.set("rope.dimension_count", size.headLength() / 2);
        layout.untiedEmbedding();
        for (int layer = 0; layer <= size.layers(); layer++) {
            layout.norm(layer, "attn_norm", embedding);
            layout.attention(layer);
            layout.attentionBiases(layer);
            layout.headNorms(layer);
            layout.norm(layer, "post_attention_norm", embedding);
            denseOrExperts(layout, layer, layer == 0);
        }
        layout.matrix(size.layers(), "nextn.eh_proj", 2 * embedding, embedding);
        layout.norm(size.layers(), "nextn.enorm", embedding);
        layout.norm(size.layers(), "nextn.hnorm", embedding);
        layout.norm(size.layers(), "nextn.shared_head_norm", embedding);
        return layout.shape();
    }

    /**
     * Norms over each head's query and key, a dense first layer, then experts beside a shared one; as many key as query
     * heads.
     */
    static ModelShape dots1(ModelSize size) {
        var layout = new Layout("dots1", size.withKeyValueHeads(size.heads()));
        layout.mixtureAfterDenseLayers(1, Gating.SIGMOID);
        layout.headLengths();
        layout.untiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            normsAndAttention(layout, layer);
            layout.headNorms(layer);
            denseOrExperts(layout, layer, layer == 0);
        }
        return layout.shape();
    }

    /** A dense first layer, then experts beside a shared one. */
    static ModelShape ernie45Moe(ModelSize size) {
        var layout = new Layout("ernie4_5-moe", size);
        layout.mixtureAfterDenseLayers(1, Gating.SOFTMAX);
        layout.set("interleave_moe_layer_step", 1);
        layout.set("expert_shared_feed_forward_length", size.feedForwardLength());
        layout.headLengths();
        layout.tiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            normsAndAttention(layout, layer);
            denseOrExperts(layout, layer, layer == 0);
        }
        return layout.shape();
    }

    /** Three layers of chunked attention, then one without positions; experts in every second layer, as in Maverick. */
    static ModelShape llama4(ModelSize size) {
        var layout = new Layout("llama4", size);
        layout.mixtureOfExperts();
        layout.set("expert_feed_forward_length", size.feedForwardLength());
        layout.set("interleave_moe_layer_step", 2);
        layout.untiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            normsAndAttention(layout, layer);
            if (layer % 2 == 0) {
                layout.feedForward(layer);
            } else {
                layout.experts(layer);
                layout.feedForward(layer, "_shexp", size.feedForwardLength());
            }
        }
        return layout.shape();
    }

    /** Norms over each head after rotation, and a shared expert in every layer. */
    static ModelShape hunyuanMoe(ModelSize size) {
        var layout = new Layout("hunyuan-moe", size);
        layout.mixtureOfExperts();
        layout.set("expert_feed_forward_length", size.feedForwardLength());
        layout.set("expert_shared_feed_forward_length", size.feedForwardLength());
        layout.headLengths();
        layout.tiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            normsAndAttention(layout, layer);
            layout.headNorms(layer);
            layout.experts(layer);
            layout.feedForward(layer, "_shexp", size.feedForwardLength());
        }
        return layout.shape();
    }

    /** Norms over all queries and keys of a layer, half of each head rotated, experts chosen by a sigmoid. */
    static ModelShape miniMaxM2(ModelSize size) {
        var layout = new Layout("minimax-m2", size);
        layout.mixtureOfExperts();
        layout.set("expert_feed_forward_length", size.feedForwardLength());
        layout.set("expert_gating_func", 2);
        layout.headLengths();
        layout.set("rope.dimension_count", size.headLength() / 2);
        layout.untiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            normsAndAttention(layout, layer);
            layout.wideNorms(layer);
            layout.experts(layer);
            layout.bias(layer, "exp_probs_b", size.experts());
        }
        return layout.shape();
    }

    private static void normsAndAttention(Layout layout, int layer) {
        layout.norm(layer, "attn_norm", layout.size.embeddingLength());
        layout.attention(layer);
        layout.norm(layer, "ffn_norm", layout.size.embeddingLength());
    }

    private static void denseOrExperts(Layout layout, int layer, boolean dense) {
        if (dense) {
            layout.feedForward(layer);
        } else {
            layout.experts(layer);
            layout.bias(layer, "exp_probs_b", layout.size.experts());
            layout.feedForward(layer, "_shexp", layout.size.feedForwardLength());
        }
    }
}
