@NullMarked
package org.barnraiser.coordinator.attach;

import org.jspecify.annotations.NullMarked;
