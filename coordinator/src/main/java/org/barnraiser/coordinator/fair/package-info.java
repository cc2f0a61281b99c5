/** Who goes next when more is asked for than the pipeline can do. */
@NullMarked
package org.barnraiser.coordinator.fair;

import org.jspecify.annotations.NullMarked;
