/** One way to hash: sha256, as 64 lower-case hex digits. */
@NullMarked
package org.barnraiser.coordinator.hash;

import org.jspecify.annotations.NullMarked;
