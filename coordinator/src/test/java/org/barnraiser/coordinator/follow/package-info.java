@NullMarked
package org.barnraiser.coordinator.follow;

import org.jspecify.annotations.NullMarked;
