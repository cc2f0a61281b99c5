package org.barnraiser.coordinator.account;

import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * What keys have left of their limits of the minute where several coordinators share a database. Times are nanoseconds since 1970 by
 * the clocks of those that ask; a clock that is behind another's fills nothing up. Every method belongs into a transaction that has locked
 * the key, but for reading.
 */
final class SharedMinutes {
    private SharedMinutes() {}

    private record Kept(double requests, double tokens, long asOfNanos) {}

    static MinuteLevels read(Handle handle, String keyId, KeyLimits limits, long nowNanos) {
        Optional<Kept> kept = handle
                .createQuery("SELECT requests, tokens, as_of_nanos FROM minute_level WHERE key_id = :key")
                .bind("key", keyId).map((row, _) -> new Kept(row.getDouble("requests"), row.getDouble("tokens"),
                        row.getLong("as_of_nanos")))
                .findOne();
        return kept.isPresent()
                ? MinuteLevels.of(limits, kept.get().requests(), kept.get().tokens(), kept.get().asOfNanos())
                : MinuteLevels.full(limits, nowNanos);
    }

    static void write(Handle handle, String keyId, MinuteLevels levels, long nowNanos) {
        handle.createUpdate("""
                            INSERT INTO minute_level (key_id, requests, tokens, as_of_nanos)
                            VALUES (:key, :requests, :tokens, :now)
                            ON CONFLICT (key_id) DO UPDATE SET requests = excluded.requests, tokens = excluded.tokens,
                            as_of_nanos = CASE WHEN excluded.as_of_nanos > minute_level.as_of_nanos
                            THEN excluded.as_of_nanos ELSE minute_level.as_of_nanos END""").bind("key", keyId)
                .bind("requests", levels.requestLevel(nowNanos)).bind("tokens", levels.tokenLevel(nowNanos))
                .bind("now", nowNanos).execute();
    }

    /** What was reserved and not used; too much is cut when it is read. */
    static void giveBack(Handle handle, String keyId, long tokens) {
        handle.createUpdate("UPDATE minute_level SET tokens = tokens + :tokens WHERE key_id = :key")
                .bind("key", keyId).bind("tokens", (double) tokens).execute();
    }
}
