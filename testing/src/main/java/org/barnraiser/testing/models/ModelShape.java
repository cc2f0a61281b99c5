package org.barnraiser.testing.models;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.barnraiser.coordinator.gguf.MetadataValue;

/**
 * All of a model but its weights: what goes into the GGUF's header. Made by {@link Family#shape}.
 *
 * @param metadata in file order
 * @param tensors in file order
 */
public record ModelShape(String architecture, Map<String, MetadataValue> metadata, List<TensorShape> tensors) {

    public ModelShape {
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        tensors = List.copyOf(tensors);
    }

    /** The number of weights, all experts counted. */
    public long parameters() {
        return tensors.stream().mapToLong(TensorShape::elements).sum();
    }
}
