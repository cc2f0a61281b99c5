package org.barnraiser.coordinator.account;

import com.google.common.collect.ImmutableMap;

/**
 * What a running request may come to use.
 *
 * @param id for the exchange against what it used
 * @param epochDay the day it counts for, which is that of its beginning
 * @param left what the key had left within the minute after it, for programs; empty where each coordinator counts that for itself
 */
record Reservation(String id, String keyId, long epochDay, long tokens, ImmutableMap<String, String> left) {}
