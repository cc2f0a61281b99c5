package org.barnraiser.trust;

import java.util.Locale;
import java.util.Optional;

/** What a member of a cluster is. */
public enum Role {
    COORDINATOR,
    WORKER,
    /** Carries connections between the others, and sees nothing of them. */
    RELAY;

    /** As it is written in certificates and told to people. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Role> of(String word) {
        for (Role role : values()) {
            if (role.word().equals(word)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }
}
