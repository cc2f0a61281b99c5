package org.barnraiser.testing.models;

/** Finds the size of a model that has about as many parameters as asked for. */
final class SizeSearch {

    private static final int HEAD_LENGTH = 64;
    private static final int STEP = 256;
    private static final int LARGEST_EMBEDDING = 1 << 14;
    private static final int VOCABULARY = 8192;

    private SizeSearch() {}

    /**
     * The smallest width whose model, as deep as real models of that width are, reaches {@code parameters}; then as
     * many layers as bring it closest.
     */
    static ModelSize find(Family family, long parameters) {
        for (int embedding = STEP; embedding <= LARGEST_EMBEDDING; embedding += STEP) {
            ModelSize deepest = size(embedding, embedding / 64 + 8);
            if (family.shape(deepest).parameters() >= parameters) {
                return fewestLayers(family, deepest, parameters);
            }
        }
        throw new IllegalArgumentException("No random " + family + " model has " + parameters + " parameters");
    }

    private static ModelSize fewestLayers(Family family, ModelSize deepest, long parameters) {
        ModelSize best = deepest;
        for (int layers = 1; layers < deepest.layers(); layers++) {
            ModelSize size = deepest.withLayers(layers);
            if (distance(family, size, parameters) < distance(family, best, parameters)) {
                best = size;
            }
        }
        return best;
    }

    private static long distance(Family family, ModelSize size, long parameters) {
        return Math.abs(family.shape(size).parameters() - parameters);
    }

    private static ModelSize size(int embedding, int layers) {
        int heads = embedding / HEAD_LENGTH;
        return new ModelSize(layers, embedding, 3 * embedding, heads, heads / 4, 8, 2, VOCABULARY, 32_768);
    }
}
