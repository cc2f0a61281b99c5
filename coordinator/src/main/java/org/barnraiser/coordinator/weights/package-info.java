/** Gives workers the weights they load: byte ranges of the models that this coordinator has opened. */
@NullMarked
package org.barnraiser.coordinator.weights;

import org.jspecify.annotations.NullMarked;
