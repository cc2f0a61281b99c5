package org.barnraiser.coordinator.account;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the holder of a key may do, each role all that the one before may. */
public enum Role {
    /** Ask the model and look at the pages. */
    GUEST,
    /** See the cluster as well: machines, numbers, who lends what. */
    MEMBER,
    /** Change things: keys, and what machines do. */
    ADMIN;

    /** Whether this role may do what that one may. */
    public boolean covers(Role other) {
        return compareTo(other) >= 0;
    }

    /** As people write it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Reads what {@link #word()} writes. */
    public static Role of(String word) throws AccountException {
        return Arrays.stream(values()).filter(role -> role.word().equals(word)).findFirst()
                .orElseThrow(() -> new AccountException("There is no such role; there are "
                        + Arrays.stream(values()).map(Role::word).collect(Collectors.joining(", ")) + "."));
    }
}
