/** Thoughts: what models think before they answer, told apart from the answer. */
@NullMarked
package org.barnraiser.coordinator.api.reasoning;

import org.jspecify.annotations.NullMarked;
