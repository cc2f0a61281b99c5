/** What answers are made of, whichever API writes them. */
@NullMarked
package org.barnraiser.coordinator.api.answer;

import org.jspecify.annotations.NullMarked;
