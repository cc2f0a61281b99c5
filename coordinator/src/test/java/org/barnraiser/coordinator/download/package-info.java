@NullMarked
package org.barnraiser.coordinator.download;

import org.jspecify.annotations.NullMarked;
