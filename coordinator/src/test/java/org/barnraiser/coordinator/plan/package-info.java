@NullMarked
package org.barnraiser.coordinator.plan;

import org.jspecify.annotations.NullMarked;
