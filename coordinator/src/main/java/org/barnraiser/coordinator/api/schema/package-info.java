/** Turns JSON schemas into grammars that allow only what satisfies them. */
@NullMarked
package org.barnraiser.coordinator.api.schema;

import org.jspecify.annotations.NullMarked;
