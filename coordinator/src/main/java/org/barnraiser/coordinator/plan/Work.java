package org.barnraiser.coordinator.plan;

import com.google.common.base.Preconditions;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableLongArray;

/**
 * What a model's parts take to compute.
 *
 * @param layerBytes weights of each layer that every token reads
 * @param layerExpertBytes weights of each layer's experts, of which one token reads a share
 * @param expertShare that share
 * @param tailBytes weights that the tail reads beside its layers
 * @param layerOperations multiplications and additions of each layer for one token
 * @param tailOperations those of the tail beside its layers
 * @param hiddenBytes what one token takes on its way from stage to stage
 */
public record Work(ImmutableDoubleArray layerBytes, ImmutableDoubleArray layerExpertBytes, double expertShare,
        double tailBytes, ImmutableDoubleArray layerOperations, double tailOperations, long hiddenBytes) {
    /** Of a weight of about one byte: once multiplied, once added. */
    private static final double USUAL_OPERATIONS_PER_BYTE = 2.5;
    private static final long USUAL_HIDDEN_BYTES = 4 * 4096;

    public Work {
        int layers = layerBytes.length();
        Preconditions.checkArgument(
                layerExpertBytes.length() == layers && layerOperations.length() == layers,
                "%s layers, but the experts of %s and the operations of %s", layers, layerExpertBytes.length(),
                layerOperations.length());
        Preconditions.checkArgument(expertShare >= 0 && expertShare <= 1, "a share of %s", expertShare);
    }

    /** Every token reads every weight; what is not known is as it usually is. */
    public static Work dense(ImmutableLongArray layerBytes, long tailBytes) {
        return mixture(layerBytes, tailBytes, 1);
    }

    /** One token reads a share of every layer. */
    public static Work mixture(ImmutableLongArray layerBytes, long tailBytes, double share) {
        ImmutableDoubleArray bytes = ImmutableDoubleArray.copyOf(layerBytes.stream().asDoubleStream());
        ImmutableDoubleArray none = ImmutableDoubleArray.copyOf(layerBytes.stream().mapToDouble(_ -> 0));
        return new Work(share == 1 ? bytes : none, share == 1 ? none : bytes, share, tailBytes,
                ImmutableDoubleArray.copyOf(bytes.stream().map(all -> all * share * USUAL_OPERATIONS_PER_BYTE)),
                tailBytes * USUAL_OPERATIONS_PER_BYTE, USUAL_HIDDEN_BYTES);
    }

    /** Bytes that a step of so many tokens reads in a layer: the more tokens, the more experts are wanted by one of them. */
    double bytesRead(int layer, int tokens) {
        return layerBytes.get(layer) + layerExpertBytes.get(layer) * (1 - Math.pow(1 - expertShare, tokens));
    }
}
