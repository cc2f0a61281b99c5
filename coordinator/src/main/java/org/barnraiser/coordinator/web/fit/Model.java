package org.barnraiser.coordinator.web.fit;

import org.barnraiser.coordinator.plan.ModelNeeds;

/**
 * A model to place.
 *
 * @param needs what it takes
 * @param activeShare part of a layer's weights that one token reads; 1 but for mixtures of experts
 * @param estimated whether its sizes were worked out from a few numbers, not read from a file
 */
public record Model(ModelNeeds needs, double activeShare, boolean estimated) {}
