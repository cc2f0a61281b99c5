package org.barnraiser.coordinator.plan;

/**
 * A layer range.
 *
 * @param first its first layer
 * @param last the layer after its last one
 */
public record Layers(int first, int last) {

    /** {@code layers 0–3}, both ends included, as people count. */
    public String words() {
        return first == last - 1 ? "layer " + first : "layers " + first + "–" + (last - 1);
    }
}
