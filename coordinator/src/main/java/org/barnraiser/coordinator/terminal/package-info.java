/** Text for people at a terminal. */
@NullMarked
package org.barnraiser.coordinator.terminal;

import org.jspecify.annotations.NullMarked;
