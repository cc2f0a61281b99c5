package org.barnraiser.coordinator.weights;

import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.proto.WeightsGrpc;

/** Serves the pieces of published models, and nothing else. */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class WeightsService extends WeightsGrpc.WeightsImplBase {

    /** From now on the model's pieces are served. */
    public void publish(ModelFile model, Manifest manifest) {
        throw new UnsupportedOperationException("not yet " + model + manifest);
    }

    /** The model's pieces are served no more. */
    public void withdraw(Manifest manifest) {
        throw new UnsupportedOperationException("not yet " + manifest);
    }
}
