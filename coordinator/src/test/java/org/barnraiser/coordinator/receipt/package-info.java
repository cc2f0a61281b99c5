@NullMarked
package org.barnraiser.coordinator.receipt;

import org.jspecify.annotations.NullMarked;
