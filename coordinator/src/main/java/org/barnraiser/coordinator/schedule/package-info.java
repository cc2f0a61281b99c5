/** Turns many generations into the steps of one pipeline: who computes what, in which step, in which slot. */
@NullMarked
package org.barnraiser.coordinator.schedule;

import org.jspecify.annotations.NullMarked;
