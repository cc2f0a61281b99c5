@NullMarked
package org.barnraiser.coordinator.library;

import org.jspecify.annotations.NullMarked;
