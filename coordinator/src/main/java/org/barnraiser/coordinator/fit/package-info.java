/** Whether a model fits on machines, and how fast it may be: arithmetic alone. */
@NullMarked
package org.barnraiser.coordinator.fit;

import org.jspecify.annotations.NullMarked;
