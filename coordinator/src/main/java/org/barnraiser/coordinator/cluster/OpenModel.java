package org.barnraiser.coordinator.cluster;

import java.util.Optional;
import org.barnraiser.coordinator.library.Origin;
import org.barnraiser.coordinator.model.ModelDescription;

/**
 * A model that can be hosted: its parts, and from where they come.
 *
 * @param name that readers ask for it by; empty: its own
 * @param origin empty: the files are on this host
 * @param draft a small model with the same vocabulary that guesses tokens for this one
 */
record OpenModel(ShardSource source, Optional<String> name, Optional<Origin> origin, Optional<ShardSource> draft) {

    /** Under its own name, and on this host. */
    static OpenModel of(ShardSource source) {
        return new OpenModel(source, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** @param settings resolved for the model */
    ModelDescription description(PipelineSettings settings) {
        ModelDescription own = source.description(settings.contextTokens());
        return name.map(own::named).orElse(own);
    }
}
