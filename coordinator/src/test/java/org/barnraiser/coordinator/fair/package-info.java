@NullMarked
package org.barnraiser.coordinator.fair;

import org.jspecify.annotations.NullMarked;
