package org.barnraiser.coordinator.gguf;

import com.google.common.primitives.ImmutableIntArray;
import org.barnraiser.proto.EngineAbi;

/** The architectures that can be split exactly. */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class Architectures {
    private Architectures() {
    }

    /** Refuses a model that cannot be split exactly on that engine, or whose tensors contradict its hyper-parameters. */
    public static void check(ModelFile model, EngineAbi abi) throws GgufException {
        throw new UnsupportedOperationException("not yet " + model + abi);
    }

    /** The layer boundaries at which the model may be cut, ascending, 0 and the layer count included. */
    public static ImmutableIntArray cutPoints(ModelFile model, EngineAbi abi) throws GgufException {
        throw new UnsupportedOperationException("not yet " + model + abi);
    }
}
