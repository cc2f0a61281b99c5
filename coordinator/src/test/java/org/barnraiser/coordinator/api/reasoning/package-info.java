@NullMarked
package org.barnraiser.coordinator.api.reasoning;

import org.jspecify.annotations.NullMarked;
