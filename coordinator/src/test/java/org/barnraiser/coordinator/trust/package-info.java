@NullMarked
package org.barnraiser.coordinator.trust;

import org.jspecify.annotations.NullMarked;
