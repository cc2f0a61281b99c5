/** Planning: which machine runs which layer range. Pure functions of plain records; no network and no clock. */
@NullMarked
package org.barnraiser.coordinator.plan;

import org.jspecify.annotations.NullMarked;
