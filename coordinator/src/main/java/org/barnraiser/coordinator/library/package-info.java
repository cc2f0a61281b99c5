/** The models that this host has: where they come from, whose they are, and whether they are still what they were. */
@NullMarked
package org.barnraiser.coordinator.library;

import org.jspecify.annotations.NullMarked;
