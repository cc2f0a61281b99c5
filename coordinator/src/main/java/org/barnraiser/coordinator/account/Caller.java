package org.barnraiser.coordinator.account;

import java.util.Optional;

/**
 * Who asks.
 *
 * @param key none for those who are let in without one
 * @param role what they may do
 */
public record Caller(Optional<MemberKey> key, Role role) {
    /** All who have no key count as one. */
    private static final String NOBODY = "";

    static Caller without(Role role) {
        return new Caller(Optional.empty(), role);
    }

    /** Whose share of the pipeline this is. */
    public String account() {
        return key.map(MemberKey::id).orElse(NOBODY);
    }

    /** How large that share is. */
    public int weight() {
        return key.map(held -> held.limits().weight()).orElse(1);
    }
}
