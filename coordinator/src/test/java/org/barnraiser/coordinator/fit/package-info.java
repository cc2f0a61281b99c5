@NullMarked
package org.barnraiser.coordinator.fit;

import org.jspecify.annotations.NullMarked;
