package org.barnraiser.coordinator.account;

/**
 * What a running request may come to use.
 *
 * @param id for the exchange against what it used
 * @param epochDay the day it counts for, which is that of its beginning
 */
record Reservation(String id, String keyId, long epochDay, long tokens) {}
