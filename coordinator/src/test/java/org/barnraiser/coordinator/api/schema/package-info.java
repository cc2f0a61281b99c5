@NullMarked
package org.barnraiser.coordinator.api.schema;

import org.jspecify.annotations.NullMarked;
