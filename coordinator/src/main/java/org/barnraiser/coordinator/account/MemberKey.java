package org.barnraiser.coordinator.account;

import java.time.Instant;
import java.util.Optional;

/**
 * A key as it is stored, without its secret.
 *
 * @param id what accounts, lists and logs call it
 * @param name whose it is, in their own words
 * @param prefix the first characters of the secret
 */
public record MemberKey(String id, String name, Role role, String prefix, Instant created, Optional<Instant> expires,
        Optional<Instant> revoked, KeyLimits limits) {

    /** Whether it opens anything at this time. */
    public boolean isValid(Instant now) {
        return revoked.isEmpty() && !isExpired(now);
    }

    boolean isExpired(Instant now) {
        return expires.isPresent() && !now.isBefore(expires.get());
    }

    /** {@code valid}, {@code expired} or {@code revoked}. */
    public String state(Instant now) {
        if (revoked.isPresent()) {
            return "revoked";
        }
        return isExpired(now) ? "expired" : "valid";
    }
}
