package org.barnraiser.coordinator.gguf;

import com.google.common.primitives.ImmutableLongArray;

/**
 * What each part of a model weighs, for the planner.
 *
 * @param layerBytes weights of each layer
 * @param headBytes what only the head carries: the token embedding
 * @param tailBytes what only the tail carries: the output norm and the output matrix
 * @param everyStageBytes what every stage carries, such as rope factors
 * @param cacheBytesPerToken KV cache of each layer for one position, at f16
 */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public record LayerSizes(ImmutableLongArray layerBytes, long headBytes, long tailBytes, long everyStageBytes,
        ImmutableLongArray cacheBytesPerToken) {

    /** Weighs a model. */
    public static LayerSizes of(ModelFile model) throws GgufException {
        throw new UnsupportedOperationException("not yet " + model);
    }
}
