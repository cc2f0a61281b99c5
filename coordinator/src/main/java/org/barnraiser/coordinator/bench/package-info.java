/** Measures a running endpoint from outside, as a reader's program would see it. */
@NullMarked
package org.barnraiser.coordinator.bench;

import org.jspecify.annotations.NullMarked;
