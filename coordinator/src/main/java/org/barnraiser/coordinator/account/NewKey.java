package org.barnraiser.coordinator.account;

import java.time.Duration;
import java.util.Optional;

/**
 * A key to be made.
 *
 * @param validFor how long it opens anything; none: until it is revoked
 */
public record NewKey(String name, Role role, Optional<Duration> validFor, KeyLimits limits) {
    private static final int MAX_NAME = 100;
    private static final Duration MAX_VALIDITY = Duration.ofDays(36_525);

    NewKey checked() throws AccountException {
        if (name.isBlank() || name.length() > MAX_NAME || name.chars().anyMatch(Character::isISOControl)) {
            throw new AccountException("A key's name must have 1 to " + MAX_NAME + " printable characters.");
        }
        if (validFor.isPresent()
                && (!validFor.get().isPositive() || validFor.get().compareTo(MAX_VALIDITY) > 0)) {
            throw new AccountException("A key must be valid for more than no time and at most a hundred years.");
        }
        var _ = limits.checked();
        return this;
    }
}
