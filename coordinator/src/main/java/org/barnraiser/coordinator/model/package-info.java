/** A hosted model as the rest of the coordinator sees it: what it is, whether it answers, and how to ask it. */
@NullMarked
package org.barnraiser.coordinator.model;

import org.jspecify.annotations.NullMarked;
