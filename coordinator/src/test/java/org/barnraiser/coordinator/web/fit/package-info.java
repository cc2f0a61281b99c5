@NullMarked
package org.barnraiser.coordinator.web.fit;

import org.jspecify.annotations.NullMarked;
