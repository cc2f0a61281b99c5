package org.barnraiser.coordinator.account;

import com.google.common.collect.ImmutableMap;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys as a running coordinator knows them: read anew at most once in {@link #FRESH}, so that a key that another process made or
 * revoked counts within that time. While the database is away the last known keys go on counting: answers do not depend on it.
 * Methods may be called from any thread; one caller in a while waits for the database.
 */
public final class KeyRing {
    /** How long what was read is believed. */
    public static final Duration FRESH = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(KeyRing.class);

    private final MemberKeys keys;
    private final InstantSource clock;
    private final Object reading = new Object();
    private volatile Known known;

    private record Known(ImmutableMap<String, MemberKey> byHash, long readNanos) {
        boolean isFresh() {
            return System.nanoTime() - readNanos < FRESH.toNanos();
        }
    }

    /** Reads the keys for the first time. */
    public KeyRing(MemberKeys keys, InstantSource clock) throws AccountException {
        this.keys = keys;
        this.clock = clock;
        this.known = read();
    }

    /** Whether no key was ever made here; revoked ones count, so that losing the last one opens nothing. */
    public boolean isEmpty() {
        return now().byHash.isEmpty();
    }

    /** The key with this secret, if it opens anything. */
    public Optional<MemberKey> find(KeySecret secret) {
        return Optional.ofNullable(now().byHash.get(secret.hash())).filter(key -> key.isValid(clock.instant()));
    }

    /** What was changed through this process counts at once. */
    public void refresh() {
        synchronized (reading) {
            refreshNow();
        }
    }

    private Known now() {
        if (!known.isFresh()) {
            synchronized (reading) {
                if (!known.isFresh()) {
                    refreshNow();
                }
            }
        }
        return known;
    }

    private void refreshNow() {
        try {
            known = read();
        } catch (AccountException away) {
            LOG.warn("{} The keys known so far go on counting.", away.getMessage());
            known = new Known(known.byHash, System.nanoTime());
        }
    }

    private Known read() throws AccountException {
        return new Known(keys.stored().stream().collect(Collectors.collectingAndThen(
                Collectors.toMap(MemberKeys.StoredKey::hash, MemberKeys.StoredKey::key), ImmutableMap::copyOf)),
                System.nanoTime());
    }
}
