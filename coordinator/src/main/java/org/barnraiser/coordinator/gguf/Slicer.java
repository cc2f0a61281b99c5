package org.barnraiser.coordinator.gguf;

import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.ShardSpec;

/** Describes the shards of a model. */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class Slicer {
    private Slicer() {
    }

    /**
     * The shard of layers {@code [first, last)}; the head when {@code first} is 0, the tail when {@code last} is the layer count.
     *
     * @throws IllegalArgumentException when a bound is not one of {@link Architectures#cutPoints}
     */
    public static ShardSpec slice(ModelFile model, Manifest manifest, int first, int last, EngineAbi abi)
            throws GgufException {
        throw new UnsupportedOperationException("not yet %s %s %d %d %s".formatted(model, manifest, first, last, abi));
    }
}
