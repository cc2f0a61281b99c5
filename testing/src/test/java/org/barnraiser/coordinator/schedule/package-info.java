/** The driver with real stages behind it, where what it is given is not for everybody. */
@org.jspecify.annotations.NullMarked
package org.barnraiser.coordinator.schedule;
