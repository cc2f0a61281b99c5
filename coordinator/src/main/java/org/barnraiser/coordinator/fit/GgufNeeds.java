package org.barnraiser.coordinator.fit;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Set;
import org.barnraiser.coordinator.gguf.Architectures;
import org.barnraiser.coordinator.gguf.GgufException;
import org.barnraiser.coordinator.gguf.LayerSizes;
import org.barnraiser.coordinator.gguf.LayerWork;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.gguf.StepBuffers;
import org.barnraiser.coordinator.plan.ModelNeeds;
import org.barnraiser.coordinator.plan.Work;
import org.barnraiser.proto.EngineAbi;

/** What a GGUF takes, by its header alone. */
public final class GgufNeeds {
    /** Tokens that a step may hold. */
    private static final int STEP_TOKENS = 256;
    /**
     * What a worker's program grows by when it runs a stage, whatever that is: its heap, compiled code, connections. Measured with
     * {@code barn bench --model FILE --estimates}: 54 to 65 MB.
     */
    private static final long PROGRAM_BYTES = 57 << 20;

    private final ModelFile file;
    private final LayerSizes sizes;
    private final Work work;

    private GgufNeeds(ModelFile file, LayerSizes sizes, Work work) {
        this.file = file;
        this.sizes = sizes;
        this.work = work;
    }

    /** Of a model of a supported architecture. */
    public static GgufNeeds of(ModelFile file) throws GgufException {
        LayerSizes sizes = LayerSizes.of(file);
        LayerWork work = LayerWork.of(file);
        return new GgufNeeds(file, sizes,
                new Work(work.layerBytes(), work.layerExpertBytes(), work.expertShare(), sizes.tailBytes(),
                        work.layerOperations(), work.tailOperations(), (long) file.embeddingLength() * Float.BYTES));
    }

    /**
     * What it takes with the cut points that are legal on all of these engines.
     *
     * @param engines none of which refuses the model
     * @param cacheTokens tokens that the KV cache holds
     */
    public ModelNeeds with(Set<EngineAbi> engines, int cacheTokens) throws GgufException {
        ImmutableIntArray cuts = ImmutableIntArray.of();
        boolean first = true;
        for (EngineAbi engine : engines) {
            ImmutableIntArray legal = Architectures.cutPoints(file, engine);
            cuts = first ? legal : ImmutableIntArray.copyOf(cuts.stream().filter(legal::contains));
            first = false;
        }
        StepBuffers buffers = StepBuffers.of(file, cacheTokens, STEP_TOKENS);
        return new ModelNeeds(sizes.layerBytes(), sizes.headBytes(), sizes.tailBytes() + buffers.tailBytes(),
                sizes.everyStageBytes() + buffers.stageBytes() + PROGRAM_BYTES,
                sizes.cacheBytesPerToken(), cacheTokens, cuts, work);
    }
}
