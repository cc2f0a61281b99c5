@NullMarked
package org.barnraiser.coordinator.cluster;

import org.jspecify.annotations.NullMarked;
