package org.barnraiser.coordinator.gguf;

import java.util.Set;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.gguf.GgufException.Kind;

/**
 * The numbers that fix the shapes of a model's tensors, under llama.cpp's names and with its defaults ({@code llama_model::load_hparams}).
 * llama.cpp asserts much of what is checked here, and a failed assertion ends its process.
 */
record Hyperparameters(int layers, int embedding, int vocabulary, int heads, int cacheHeads, int keyLength,
        int valueLength,
        int ropeDimensions, int feedForward, int experts, int expertsUsed, int expertFeedForward, int sharedExperts,
        int sharedFeedForward, int expertStep,
        int leadingDense, int queryRank, int cacheRank, int latentKeyLength, int latentValueLength) {

    private static final int MAX_LENGTH = 1 << 20;
    private static final int MAX_EXPERTS = 512;
    private static final Set<String> ROPE_SCALINGS = Set.of("none", "linear", "yarn", "longrope");

    static Hyperparameters of(ModelFile model) throws GgufException {
        Reader reader = new Reader(model);
        reader.checkCommon();
        int heads = reader.perLayer("attention.head_count", -1);
        int cacheHeads = reader.perLayer("attention.head_count_kv", heads);
        if (heads % cacheHeads != 0) {
            throw reader.bad("%d attention heads cannot share %d key/value heads".formatted(heads, cacheHeads));
        }
        int perHead = Math.max(1, model.embeddingLength() / heads);
        int keyLength = reader.length("attention.key_length", perHead);
        int ropeDimensions = reader.length("rope.dimension_count", keyLength);
        if (ropeDimensions % 2 != 0 || ropeDimensions > keyLength) {
            throw reader.bad(
                    "rope.dimension_count is %d, but must be even and at most %d".formatted(ropeDimensions, keyLength));
        }
        int experts = reader.number("expert_count", 0, MAX_EXPERTS, 0);
        int expertsUsed = reader.number("expert_used_count", experts > 0 ? 1 : 0, experts, 0);
        if (experts > 0 && expertsUsed == 0) {
            throw reader.bad("expert_used_count is missing");
        }
        int feedForward = reader.perLayer("feed_forward_length", 0);
        return new Hyperparameters(model.layerCount(), model.embeddingLength(), model.vocabularySize(), heads,
                cacheHeads,
                keyLength, reader.length("attention.value_length", perHead), ropeDimensions, feedForward, experts,
                expertsUsed,
                reader.number("expert_feed_forward_length", 0, MAX_LENGTH, 0),
                reader.number("expert_shared_count", 0, MAX_EXPERTS, 0),
                reader.number("expert_shared_feed_forward_length", 0, MAX_LENGTH, 0),
                reader.number("interleave_moe_layer_step", 1, model.layerCount(), 1),
                reader.number("leading_dense_block_count", 0, model.layerCount(), 0),
                reader.number("attention.q_lora_rank", 0, MAX_LENGTH, 0),
                reader.number("attention.kv_lora_rank", 0, MAX_LENGTH, 0),
                reader.number("attention.key_length_mla", 0, MAX_LENGTH, 0),
                reader.number("attention.value_length_mla", 0, MAX_LENGTH, 0));
    }

    private record Reader(ModelFile model) {

        void checkCommon() throws GgufException {
            String scaling = model.metadata().findText(model.key("rope.scaling.type")).orElse("linear");
            if (!ROPE_SCALINGS.contains(scaling)) {
                throw bad("rope.scaling.type is unknown");
            }
            if (!model.metadata().findFlag(model.key("attention.causal")).orElse(true)) {
                throw new UnsupportedModelException(
                        "%s looks at all of a text at once (attention.causal is false), but only models that read a text from its beginning on can be split."
                                .formatted(model));
            }
            if (model.metadata().findReal(model.key("attention.layer_norm_rms_epsilon")).isEmpty()
                    && model.metadata().findReal(model.key("attention.layer_norm_epsilon")).isEmpty()) {
                throw bad("attention.layer_norm_rms_epsilon is missing");
            }
        }

        int number(String name, int least, int most, int absent) throws GgufException {
            return model.metadata().whole(model.key(name), least, most, absent);
        }

        int length(String name, int absent) throws GgufException {
            return number(name, 1, MAX_LENGTH, absent);
        }

        /**
         * One number for all layers. It may be given layer by layer, but must not differ: llama.cpp takes the first layer's for all in the
         * architectures that are supported here, and a shard has another first layer.
         *
         * @param absent what it is when the key is absent, -1 when the key is required
         */
        int perLayer(String name, int absent) throws GgufException {
            String key = model.key(name);
            if (!(model.metadata().values().get(key) instanceof MetadataValue.Array(MetadataArray values))) {
                return absent < 0 ? model.metadata().whole(key, 1, MAX_LENGTH) : number(name, 1, MAX_LENGTH, absent);
            }
            boolean numbers = values.elementType() == ValueType.UINT32 || values.elementType() == ValueType.INT32;
            if (!numbers || values.size() < model.layerCount()) {
                throw bad("%s holds %s, but must hold one number for each of %d layers".formatted(name, values,
                        model.layerCount()));
            }
            long first = values.whole(0);
            if (IntStream.range(1, model.layerCount()).anyMatch(layer -> values.whole(layer) != first)) {
                throw new UnsupportedModelException(
                        "%s: layers differ in %s, which cannot be split exactly in the architecture %s."
                                .formatted(model, name, model.architecture()));
            }
            if (first < 1 || first > MAX_LENGTH) {
                throw bad("%s is %d, but must be from 1 to %d".formatted(name, first, MAX_LENGTH));
            }
            return (int) first;
        }

        GgufException bad(String problem) {
            return new GgufException(Kind.BAD_MODEL, "%s: %s; get the file anew.".formatted(model, problem));
        }
    }
}
