/** Micro-benchmarks of the scheduler. */
@org.jspecify.annotations.NullMarked
package org.barnraiser.coordinator.schedule;
