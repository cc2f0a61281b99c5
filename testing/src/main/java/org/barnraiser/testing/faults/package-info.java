/** Faults of a network, made on purpose. */
@NullMarked
package org.barnraiser.testing.faults;

import org.jspecify.annotations.NullMarked;
