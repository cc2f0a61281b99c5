package org.barnraiser.coordinator.account;

import java.util.Optional;

/**
 * Decides who is let in as what.
 *
 * <ul>
 * <li>As long as no key was ever made, programs and pages on this very machine are served without one; others are refused.
 * <li>From the first key on everybody needs one, on this machine too: behind a proxy all look as if they came from here. The host
 * needs none on the data folder, where a key for this machine's own commands lies ({@link LocalKey}).
 * <li>{@code --open} and {@code --guests} let those without a key in, with the rights of a member or of a guest.
 * </ul>
 *
 * Callable from any thread.
 */
public final class Doorkeeper {
    private final Optional<KeyRing> ring;
    private final Optional<LocalKey> local;
    private final Optional<Role> withoutKey;

    /**
     * A doorkeeper for these keys.
     *
     * @param ring none when no database is there
     * @param withoutKey what those without a key may do; empty when they are refused
     */
    Doorkeeper(Optional<KeyRing> ring, Optional<LocalKey> local, Optional<Role> withoutKey) {
        this.ring = ring;
        this.local = local;
        this.withoutKey = withoutKey;
    }

    /** Whether everybody needs a key. */
    public boolean hasKeys() {
        return ring.isPresent() && !ring.get().isEmpty();
    }

    /** Whether those without a key are let in from anywhere. */
    public boolean isOpen() {
        return withoutKey.isPresent();
    }

    /** Who this is; may wait for the database for a moment. */
    public Caller letIn(Visit visit) throws RefusedException {
        if (visit.secret().isPresent()) {
            KeySecret secret = visit.secret().get();
            if (visit.from() == Visit.From.PROGRAM_HERE && local.isPresent() && local.get().matches(secret)) {
                return Caller.without(Role.ADMIN);
            }
            Optional<MemberKey> key = ring.flatMap(keys -> keys.find(secret));
            if (key.isPresent()) {
                return new Caller(key, key.get().role());
            }
            if (hasKeys()) {
                throw refused(401, "invalid_api_key",
                        "This key is unknown, expired or revoked; ask the host of this service for another one.");
            }
            // Clients that insist on a key send any; without keys it means nothing.
        }
        return hasKeys() ? withoutKey() : beforeTheFirstKey(visit.from());
    }

    private Caller withoutKey() throws RefusedException {
        return Caller.without(withoutKey.orElseThrow(() -> refused(401, "missing_api_key",
                "A key is needed here: send it as 'Authorization: Bearer KEY'. The host of this service makes keys with 'barn key create'.")));
    }

    private Caller beforeTheFirstKey(Visit.From from) throws RefusedException {
        return switch (from) {
            case PROGRAM_HERE -> Caller.without(Role.ADMIN);
            case PAGE_HERE -> Caller.without(Role.MEMBER);
            case FOREIGN_PAGE_HERE -> Caller.without(withoutKey.orElseThrow(() -> refused(403, "foreign_page",
                    "Pages of other sites may not use this service in a reader's name.")));
            case ELSEWHERE -> Caller.without(withoutKey.orElseThrow(() -> refused(403, "this_machine_only",
                    "There is no key yet, so only programs on this very machine are served. Its host makes keys with"
                            + " 'barn key create', or serves everybody with '--open'.")));
        };
    }

    private static RefusedException refused(int status, String code, String message) {
        return new RefusedException(Refusal.of(status, code, message));
    }
}
