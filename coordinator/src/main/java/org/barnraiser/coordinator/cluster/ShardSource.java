package org.barnraiser.coordinator.cluster;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.plan.ModelNeeds;
import org.barnraiser.proto.AdapterCut;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.ShardSpec;

/** A model as the cluster needs it: what it is, what its parts take, and the parts themselves. Thread-safe. */
interface ShardSource {

    /**
     * Describes the model.
     *
     * @param contextTokens positions that one sequence may use here
     */
    ModelDescription description(int contextTokens);

    /** Positions the model was trained for. */
    int trainedContextTokens();

    int layerCount();

    /** The type in which most bytes of the model are stored, as llama.cpp calls it. */
    String quantisation();

    /** Why this model cannot be split on that engine, one sentence in plain words; empty when it can. */
    Optional<String> refusal(EngineAbi engine);

    /**
     * What the model takes, with the cut points that are legal on all of these engines.
     *
     * @param engines none of which is refused
     */
    ModelNeeds needs(Set<EngineAbi> engines, int cacheTokens);

    /** The parts of the model's adapters for layers [first, last). */
    default List<AdapterCut> adapters(int first, int last) {
        return List.of();
    }

    /** The shard of layers [first, last), between legal cut points. */
    ShardSpec shard(int first, int last, EngineAbi engine);
}
