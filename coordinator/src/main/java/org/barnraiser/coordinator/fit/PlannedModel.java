package org.barnraiser.coordinator.fit;

import com.google.common.collect.ImmutableSet;
import java.util.List;
import org.barnraiser.coordinator.gguf.Architectures;
import org.barnraiser.coordinator.gguf.GgufException;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.gguf.TensorInfo;
import org.barnraiser.proto.EngineAbi;

/**
 * A model as its header describes it, with room for some conversations.
 *
 * @param model what it takes
 * @param weightBytes of all its weights
 * @param bitsPerWeight on average
 * @param contextTokens tokens one conversation may use
 * @param slots conversations at the same time
 */
public record PlannedModel(String name, String architecture, Model model, long weightBytes, double bitsPerWeight,
        int contextTokens, int slots) {
    private static final int DEFAULT_CONTEXT_TOKENS = 4096;
    private static final List<EngineAbi> ENGINES = List.of(EngineAbi.ENGINE_ABI_V0_5, EngineAbi.ENGINE_ABI_B4916);

    /**
     * Reads the header alone.
     *
     * @param contextTokens 0: what the model was trained for, at most 4096
     * @throws GgufException when no engine can split the model
     */
    public static PlannedModel of(ModelFile file, int contextTokens, int slots) throws GgufException {
        ImmutableSet<EngineAbi> engines = engines(file);
        int context = Math.min(contextTokens == 0 ? DEFAULT_CONTEXT_TOKENS : contextTokens, file.contextLength());
        Model model = new Model(GgufNeeds.of(file).with(engines, Math.multiplyExact(context, slots)), false);
        long weights = file.tensors().stream().mapToLong(TensorInfo::lengthBytes).sum();
        double values = file.tensors().stream().mapToDouble(TensorInfo::valueCount).sum();
        return new PlannedModel(file.name(), file.architecture(), model, weights, weights * 8 / values, context, slots);
    }

    private static ImmutableSet<EngineAbi> engines(ModelFile file) throws GgufException {
        ImmutableSet.Builder<EngineAbi> able = ImmutableSet.builder();
        GgufException refusal = null;
        for (EngineAbi engine : ENGINES) {
            try {
                Architectures.check(file, engine);
                able.add(engine);
            } catch (GgufException e) {
                refusal = refusal == null ? e : refusal;
            }
        }
        ImmutableSet<EngineAbi> engines = able.build();
        if (engines.isEmpty() && refusal != null) {
            throw refusal;
        }
        return engines;
    }
}
