package org.barnraiser.testing.models;

import java.util.List;

/**
 * One tensor of a model.
 *
 * @param dimensions in GGUF's order: the row length first
 */
public record TensorShape(String name, TensorRole role, List<Long> dimensions) {

    public TensorShape {
        dimensions = List.copyOf(dimensions);
    }

    public long columns() {
        return dimensions.getFirst();
    }

    public long elements() {
        return dimensions.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    }
}
