@NullMarked
package org.barnraiser.coordinator.lead;

import org.jspecify.annotations.NullMarked;
