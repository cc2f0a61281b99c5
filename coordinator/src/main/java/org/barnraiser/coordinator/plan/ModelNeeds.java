package org.barnraiser.coordinator.plan;

import com.google.common.base.Preconditions;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;

/**
 * What a model takes, layer by layer.
 *
 * @param layerBytes weights of each layer
 * @param headBytes weights that only the head carries
 * @param tailBytes weights that only the tail carries
 * @param everyStageBytes weights that each stage carries
 * @param cacheBytesPerToken KV cache of each layer for one token
 * @param cacheTokens tokens that the KV cache holds
 * @param cutPoints layer boundaries at which the model may be cut, ascending, from 0 to the number of layers
 * @param work what its parts take to compute
 */
public record ModelNeeds(ImmutableLongArray layerBytes, long headBytes, long tailBytes,
        long everyStageBytes, ImmutableLongArray cacheBytesPerToken, int cacheTokens, ImmutableIntArray cutPoints,
        Work work) {
    public ModelNeeds {
        int layers = layerBytes.length();
        Preconditions.checkArgument(layers > 0, "a model has at least one layer");
        Preconditions.checkArgument(cacheBytesPerToken.length() == layers, "%s layers, but the cache sizes of %s",
                layers,
                cacheBytesPerToken.length());
        Preconditions.checkArgument(work.layerBytes().length() == layers, "%s layers, but the work of %s", layers,
                work.layerBytes().length());
        Preconditions.checkArgument(
                cutPoints.length() >= 2 && cutPoints.get(0) == 0 && cutPoints.get(cutPoints.length() - 1) == layers,
                "cut points %s do not go from 0 to %s", cutPoints, layers);
        for (int i = 1; i < cutPoints.length(); i++) {
            Preconditions.checkArgument(cutPoints.get(i - 1) < cutPoints.get(i), "cut points %s do not ascend",
                    cutPoints);
        }
    }

    /** A model whose tokens read every weight. */
    public ModelNeeds(ImmutableLongArray layerBytes, long headBytes, long tailBytes, long everyStageBytes,
            ImmutableLongArray cacheBytesPerToken, int cacheTokens, ImmutableIntArray cutPoints) {
        this(layerBytes, headBytes, tailBytes, everyStageBytes, cacheBytesPerToken, cacheTokens, cutPoints,
                Work.dense(layerBytes, tailBytes));
    }

    /** The same with KV caches of q8_0, which take 34 bytes where f16 takes 64. */
    public ModelNeeds withSmallCaches() {
        return new ModelNeeds(layerBytes, headBytes, tailBytes, everyStageBytes,
                ImmutableLongArray.copyOf(cacheBytesPerToken.stream().map(bytes -> (bytes * 34 + 63) / 64)),
                cacheTokens,
                cutPoints, work);
    }

    /** Weights of a stage of the layers [first, last): what is read when it is loaded. */
    public long weightBytes(int first, int last) {
        long bytes = (first == 0 ? headBytes : 0) + (last == layerCount() ? tailBytes : 0);
        for (int layer = first; layer < last; layer++) {
            bytes += layerBytes.get(layer);
        }
        return bytes;
    }

    public int layerCount() {
        return layerBytes.length();
    }

    /** Memory that a stage of the layers [first, last) takes: weights, KV cache, and what its place in the pipeline adds. */
    public long stageBytes(int first, int last) {
        long bytes = everyStageBytes + (first == 0 ? headBytes : 0) + (last == layerCount() ? tailBytes : 0);
        for (int layer = first; layer < last; layer++) {
            bytes += layerBytes.get(layer) + cacheBytesPerToken.get(layer) * cacheTokens;
        }
        return bytes;
    }
}
