package org.barnraiser.coordinator.account;

/**
 * A key that was just made.
 *
 * @param secret nobody can show it again
 */
public record IssuedKey(MemberKey key, KeySecret secret) {}
