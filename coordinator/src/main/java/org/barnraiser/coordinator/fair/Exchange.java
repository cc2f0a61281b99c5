package org.barnraiser.coordinator.fair;

/**
 * One turn that gets the slot of another.
 *
 * @param comer waits
 * @param leaver runs, and goes on later
 */
record Exchange(Turn comer, Turn leaver) {}
