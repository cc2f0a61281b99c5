package org.barnraiser.coordinator.gguf;

import com.google.common.primitives.ImmutableLongArray;

/**
 * What each part of a model weighs, for the planner.
 *
 * @param layerBytes weights of each layer
 * @param headBytes what only the head carries: the token embedding
 * @param tailBytes what only the tail carries: the output norm and the output matrix
 * @param everyStageBytes what every stage carries, such as rope factors
 * @param cacheBytesPerToken KV cache of each layer for one position, at f16; no layer's window is taken into account
 */
public record LayerSizes(ImmutableLongArray layerBytes, long headBytes, long tailBytes, long everyStageBytes,
        ImmutableLongArray cacheBytesPerToken) {
    private static final int F16_BYTES = 2;

    /** Weighs a model of a supported architecture. */
    public static LayerSizes of(ModelFile model) throws GgufException {
        long[] layers = new long[model.layerCount()];
        long shared = 0;
        for (TensorInfo tensor : model.tensors()) {
            int layer = LayerTensors.parse(tensor.name()).map(LayerTensors.Name::layer).orElse(-1);
            if (layer >= 0 && layer < layers.length) {
                layers[layer] += tensor.lengthBytes();
            } else if (layer < 0 && tensor.name().startsWith("rope_")) {
                shared += tensor.lengthBytes();
            }
        }
        long embedding = bytes(model, ModelFile.TOKEN_EMBEDDING);
        long output = model.tensor("output.weight").isPresent() ? bytes(model, "output.weight") : embedding;
        return new LayerSizes(ImmutableLongArray.copyOf(layers), embedding, output + bytes(model, "output_norm.weight"),
                shared,
                cacheBytes(model));
    }

    /** As llama.cpp allocates it: {@code n_embd_k_gqa + n_embd_v_gqa} values for each layer. */
    private static ImmutableLongArray cacheBytes(ModelFile model) throws GgufException {
        Hyperparameters hyperparameters = Hyperparameters.of(model);
        long perLayer = (Dimension.KEY.of(hyperparameters) + Dimension.VALUE.of(hyperparameters)) * F16_BYTES;
        ImmutableLongArray.Builder bytes = ImmutableLongArray.builder(model.layerCount());
        for (int layer = 0; layer < model.layerCount(); layer++) {
            bytes.add(perLayer);
        }
        return bytes.build();
    }

    private static long bytes(ModelFile model, String tensor) {
        return model.tensor(tensor).map(TensorInfo::lengthBytes).orElse(0L);
    }
}
