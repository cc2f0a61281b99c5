@NullMarked
package org.barnraiser.coordinator.weights;

import org.jspecify.annotations.NullMarked;
