package org.barnraiser.coordinator.fit;

import org.barnraiser.coordinator.plan.ModelNeeds;

/**
 * A model to place.
 *
 * @param needs what it takes
 * @param estimated whether its sizes were worked out from a few numbers, not read from a file
 */
public record Model(ModelNeeds needs, boolean estimated) {}
