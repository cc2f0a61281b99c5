package org.barnraiser.testing.models;

/**
 * The numbers that a family turns into a {@link ModelShape}. Families read only those that concern them.
 *
 * @param layers the number of transformer layers
 * @param embeddingLength the width of hidden states
 * @param feedForwardLength the inner width of a layer's dense feed-forward network, and of one expert
 * @param heads query heads; each is {@code embeddingLength / heads} wide
 * @param keyValueHeads key and value heads; a divisor of {@code heads}
 * @param experts routed experts of a layer, in families that have them
 * @param expertsUsed experts that each token visits
 * @param vocabulary tokens
 * @param contextLength tokens the model claims to have been trained for
 */
public record ModelSize(int layers, int embeddingLength, int feedForwardLength, int heads, int keyValueHeads,
        int experts, int expertsUsed, int vocabulary, int contextLength) {

    public ModelSize {
        require(layers > 0, "layers must be positive");
        require(embeddingLength > 0 && embeddingLength % 32 == 0, "the embedding length must be a multiple of 32");
        require(feedForwardLength > 0 && feedForwardLength % 32 == 0,
                "the feed-forward length must be a multiple of 32");
        require(heads > 0 && embeddingLength % (2 * heads) == 0, "heads must divide half of the embedding length");
        require(keyValueHeads > 0 && heads % keyValueHeads == 0, "key-value heads must divide the heads");
        require(experts > 0 && expertsUsed > 0 && expertsUsed <= experts, "more experts are used than there are");
        require(vocabulary >= TestVocabulary.MINIMUM_SIZE,
                "the vocabulary needs at least " + TestVocabulary.MINIMUM_SIZE + " tokens");
        require(contextLength > 0, "the context length must be positive");
    }

    /** The smallest model worth testing whose rows fit blocks of 32 values (F32, F16, Q8_0, Q4_0). */
    public static ModelSize tiny() {
        return new ModelSize(6, 128, 192, 4, 2, 4, 2, TestVocabulary.MINIMUM_SIZE, 4096);
    }

    /** Like {@link #tiny()}, with rows that fit blocks of 256 values (K-quants). */
    public static ModelSize tinyForSuperBlocks() {
        return new ModelSize(6, 256, 256, 4, 2, 4, 2, TestVocabulary.MINIMUM_SIZE, 4096);
    }

    /** The width of one head. */
    public int headLength() {
        return embeddingLength / heads;
    }

    public ModelSize withLayers(int newLayers) {
        return new ModelSize(newLayers, embeddingLength, feedForwardLength, heads, keyValueHeads, experts, expertsUsed,
                vocabulary, contextLength);
    }

    ModelSize withKeyValueHeads(int newKeyValueHeads) {
        return new ModelSize(layers, embeddingLength, feedForwardLength, heads, newKeyValueHeads, experts, expertsUsed,
                vocabulary, contextLength);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
