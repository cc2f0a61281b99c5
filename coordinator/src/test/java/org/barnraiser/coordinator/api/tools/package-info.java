@NullMarked
package org.barnraiser.coordinator.api.tools;

import org.jspecify.annotations.NullMarked;
