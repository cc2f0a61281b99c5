@NullMarked
package org.barnraiser.coordinator.api;

import org.jspecify.annotations.NullMarked;
