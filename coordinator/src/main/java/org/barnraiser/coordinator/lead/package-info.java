/** What the coordinator that leads does for the others: it runs their sequences, and tells them how the model is. */
@NullMarked
package org.barnraiser.coordinator.lead;

import org.jspecify.annotations.NullMarked;
