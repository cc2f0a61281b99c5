package org.barnraiser.coordinator.gguf;

import com.google.common.primitives.ImmutableDoubleArray;

/**
 * What each part of a model takes to compute, for the planner.
 *
 * @param layerBytes weights of each layer that every token reads
 * @param layerExpertBytes weights of each layer's experts, of which one token reads {@code expertShare}
 * @param layerOperations multiplications and additions of each layer for one token, attention to what was said before left out
 * @param tailOperations those of the output matrix
 */
public record LayerWork(ImmutableDoubleArray layerBytes, ImmutableDoubleArray layerExpertBytes, double expertShare,
        ImmutableDoubleArray layerOperations, double tailOperations) {
    /** A weight is multiplied once and added once. */
    private static final int OPERATIONS_PER_WEIGHT = 2;

    /** Looks at a model of a supported architecture. */
    public static LayerWork of(ModelFile model) throws GgufException {
        Hyperparameters hyperparameters = Hyperparameters.of(model);
        double share = hyperparameters.experts() == 0
                ? 1
                : (double) hyperparameters.expertsUsed() / hyperparameters.experts();
        double[] bytes = new double[model.layerCount()];
        double[] expertBytes = new double[model.layerCount()];
        double[] operations = new double[model.layerCount()];
        for (TensorInfo tensor : model.tensors()) {
            LayerTensors.Name name = LayerTensors.parse(tensor.name()).orElse(null);
            if (name == null || name.layer() >= model.layerCount()) {
                continue;
            }
            boolean expert = name.suffix().contains("_exps.");
            (expert ? expertBytes : bytes)[name.layer()] += tensor.lengthBytes();
            operations[name.layer()] += OPERATIONS_PER_WEIGHT * (double) tensor.valueCount() * (expert ? share : 1);
        }
        double output = (double) model.embeddingLength() * model.vocabularySize();
        return new LayerWork(ImmutableDoubleArray.copyOf(bytes), ImmutableDoubleArray.copyOf(expertBytes), share,
                ImmutableDoubleArray.copyOf(operations), OPERATIONS_PER_WEIGHT * output);
    }
}
