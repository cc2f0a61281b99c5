/** What a coordinator does that does not lead: it watches the one that leads, and lets it run the sequences of its own readers. */
@NullMarked
package org.barnraiser.coordinator.follow;

import org.jspecify.annotations.NullMarked;
