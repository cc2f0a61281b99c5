package org.barnraiser.testing.models;

import org.barnraiser.testing.models.Layout.Gating;

/**
 * DeepSeek V2 and its descendants (V3, R1, Kimi K2): queries, keys and values pass through a narrow latent space; the
 * first layer is dense, the others are mixtures of experts with a shared one.
 */
final class DeepSeekFamilies {

    private static final int DENSE_LAYERS = 1;

    private DeepSeekFamilies() {}

    /** As converted before 2025-04: one matrix decompresses keys and values. */
    static ModelShape full(ModelSize size) {
        return shape(size, true, false);
    }

    /**
     * As converted since: keys and values are decompressed by a matrix each, which llama.cpp absorbs into the
     * attention.
     */
    static ModelShape absorbed(ModelSize size) {
        return shape(size, true, true);
    }

    /** V2 Lite: queries are not compressed. */
    static ModelShape lite(ModelSize size) {
        return shape(size, false, false);
    }

    private static ModelShape shape(ModelSize size, boolean compressedQueries, boolean absorbed) {
        var layout = new Layout("deepseek2", size);
        var widths = new Widths(size);
        layout.mixtureAfterDenseLayers(DENSE_LAYERS, compressedQueries ? Gating.SIGMOID : Gating.SOFTMAX);
        layout.set("rope.dimension_count", widths.rotary());
        layout.set("rope.scaling.type", "yarn");
        layout.set("rope.scaling.factor", 40f);
        layout.set("rope.scaling.original_context_length", 4096);
        layout.set("rope.scaling.yarn_log_multiplier", 0.1f);
        layout.set("attention.kv_lora_rank", widths.latent());
        if (compressedQueries) {
            layout.set("attention.q_lora_rank", widths.latent());
        }
        if (absorbed) {
            layout.set("attention.head_count_kv", 1);
            layout.set("attention.key_length", widths.latent() + widths.rotary());
            layout.set("attention.value_length", widths.latent());
            layout.set("attention.key_length_mla", widths.key());
            layout.set("attention.value_length_mla", widths.value());
        } else {
            layout.set("attention.head_count_kv", size.heads());
            layout.set("attention.key_length", widths.key());
            layout.set("attention.value_length", widths.value());
        }
        layout.untiedEmbedding();
        for (int layer = 0; layer < size.layers(); layer++) {
            layout.norm(layer, "attn_norm", size.embeddingLength());
            queries(layout, layer, widths, compressedQueries);
            keysAndValues(layout, layer, widths, absorbed);
            layout.matrix(layer, "attn_output", (long) size.heads() * widths.value(), size.embeddingLength());
            layout.norm(layer, "ffn_norm", size.embeddingLength());
            if (layer < DENSE_LAYERS) {
                layout.feedForward(layer);
            } else {
                layout.experts(layer);
                if (compressedQueries) {
                    layout.bias(layer, "exp_probs_b", size.experts());
                }
                layout.feedForward(layer, "_shexp", size.feedForwardLength());
            }
        }
        return layout.shape();
    }

    private static void queries(Layout layout, int layer, Widths widths, boolean compressed) {
        long embedding = layout.size.embeddingLength();
        long queries = (long) layout.size.heads() * widths.key();
        if (compressed) {
            layout.matrix(layer, "attn_q_a", embedding, widths.latent());
            layout.norm(layer, "attn_q_a_norm", widths.latent());
            layout.matrix(layer, "attn_q_b", widths.latent(), queries);
        } else {
            layout.matrix(layer, "attn_q", embedding, queries);
        }
    }

    private static void keysAndValues(Layout layout, int layer, Widths widths, boolean absorbed) {
        int heads = layout.size.heads();
        layout.matrix(layer, "attn_kv_a_mqa", layout.size.embeddingLength(), widths.latent() + widths.rotary());
        layout.norm(layer, "attn_kv_a_norm", widths.latent());
        if (absorbed) {
            layout.weight(layer, "attn_k_b", TensorRole.MATRIX, widths.plain(), widths.latent(), heads);
            layout.weight(layer, "attn_v_b", TensorRole.MATRIX, widths.latent(), widths.value(), heads);
        } else {
            layout.matrix(layer, "attn_kv_b", widths.latent(), (long) heads * (widths.plain() + widths.value()));
        }
    }

    /**
     * The widths of latent attention.
     *
     * @param latent of the compressed queries, and of the compressed keys and values
     * @param rotary the part of a key that carries its position
     * @param plain the part that does not
     */
    private record Widths(int latent, int rotary, int plain) {

        Widths(ModelSize size) {
            this(size.embeddingLength(), size.headLength() / 2, size.headLength());
        }

        int key() {
            return plain + rotary;
        }

        int value() {
            return plain;
        }
    }
}
