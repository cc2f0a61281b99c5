package org.barnraiser.coordinator.gguf;

import java.util.List;
import java.util.Optional;

/**
 * A tensor that llama.cpp loads, and the shape it demands of it.
 *
 * @param name the whole name, or what follows {@code blk.N.}
 */
record TensorRule(String name, boolean required, List<Dimension> shape) {

    static TensorRule required(String name, Dimension... shape) {
        return new TensorRule(name, true, List.of(shape));
    }

    static TensorRule optional(String name, Dimension... shape) {
        return new TensorRule(name, false, List.of(shape));
    }

    /** What is wrong with a tensor under this rule, if anything. */
    Optional<String> problemOf(TensorInfo tensor, Hyperparameters hyperparameters) {
        List<Long> expected = shape.stream().map(dimension -> dimension.of(hyperparameters)).toList();
        if (!expected.equals(tensor.shape().asList())) {
            return Optional.of("has the shape %s, but the metadata asks for %s".formatted(tensor.shape(), expected));
        }
        // ggml adds and multiplies by single-precision vectors only, and ends the process at any other.
        boolean vector = shape.size() == 1 || name.endsWith(".bias");
        if (vector && tensor.type() != GgmlType.F32) {
            return Optional.of("is stored as %s, but only F32 can be computed with".formatted(tensor.type()));
        }
        return tensor.type().isWeight()
                ? Optional.empty()
                : Optional.of("is stored as %s, which is no type for weights".formatted(tensor.type()));
    }
}
