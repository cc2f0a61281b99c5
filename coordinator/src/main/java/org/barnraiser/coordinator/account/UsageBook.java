package org.barnraiser.coordinator.account;

import com.google.common.collect.ImmutableMap;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;

/**
 * Who used how much. A request reserves what it may come to use before it begins; at its end the reservation is exchanged for what it
 * did use, in one transaction: without the reservation nothing is charged. So a coordinator that dies loses its open reservations, which
 * lapse, and however often an exchange is tried again, it charges once. Every method blocks on the database.
 */
public final class UsageBook {
    /** Longer than any request takes. */
    private static final Duration RESERVATION = Duration.ofMinutes(75);

    private final Database database;
    private final InstantSource clock;

    public UsageBook(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** What a request used. */
    record Settlement(Reservation reservation, long promptTokens, long completionTokens) {
        long unused() {
            return Math.max(0, reservation.tokens() - promptTokens - completionTokens);
        }
    }

    /** A day's tokens: used, and reserved by what runs. */
    record Day(long used, long reserved) {
        long left(long limit) {
            return Math.max(0, limit - used - reserved);
        }
    }

    /** Forgets what was reserved by coordinators that died, or by all: when nobody else shares the database. */
    public int releaseLapsed(boolean all) throws AccountException {
        return database.change(handle -> handle.createUpdate("DELETE FROM reservation WHERE expires_at <= :now")
                .bind("now", all ? Long.MAX_VALUE : now()).execute());
    }

    /**
     * Reserves tokens, if the limits of the day, and in a database that is shared those of the minute, have room for them.
     *
     * @throws RefusedException when a limit has no room for so many
     */
    Reservation reserve(String keyId, long tokens, KeyLimits limits) throws AccountException, RefusedException {
        String id = UUID.randomUUID().toString();
        Outcome outcome = database.change(handle -> {
            // Whoever else reserves for this key waits here, in whatever process.
            handle.createUpdate("UPDATE member_key SET weight = weight WHERE id = :id").bind("id", keyId).execute();
            Instant now = clock.instant();
            try {
                return new Outcome.Reserved(reserve(handle, now, new Reservation(id, keyId, day(now), tokens,
                        ImmutableMap.of()), limits));
            } catch (RefusedException full) {
                return new Outcome.Refused(full.refusal());
            }
        });
        return switch (outcome) {
            case Outcome.Reserved(Reservation reservation) -> reservation;
            case Outcome.Refused(Refusal refusal) -> throw new RefusedException(refusal);
        };
    }

    private sealed interface Outcome {
        record Reserved(Reservation reservation) implements Outcome {}

        record Refused(Refusal refusal) implements Outcome {}
    }

    private Reservation reserve(Handle handle, Instant now, Reservation wanted, KeyLimits limits)
            throws RefusedException {
        OptionalLong dayLimit = limits.tokensPerDay();
        if (dayLimit.isPresent()) {
            long room = day(handle, wanted.keyId(), wanted.epochDay()).left(dayLimit.getAsLong());
            if (room < wanted.tokens()) {
                throw new RefusedException(dayFull(wanted.tokens(), room, dayLimit.getAsLong()));
            }
        }
        ImmutableMap<String, String> left = ImmutableMap.of();
        if (database.isShared() && limits.limitsMinute()) {
            MinuteLevels minute = SharedMinutes.read(handle, wanted.keyId(), limits, nanos(now));
            minute.takeRequest(nanos(now));
            minute.takeTokens(wanted.tokens(), nanos(now));
            SharedMinutes.write(handle, wanted.keyId(), minute, nanos(now));
            left = minute.headers(nanos(now));
        }
        handle.createUpdate("""
                            INSERT INTO reservation (id, key_id, day, tokens, expires_at)
                            VALUES (:id, :key, :day, :tokens, :expires)""").bind("id", wanted.id())
                .bind("key", wanted.keyId()).bind("day", wanted.epochDay()).bind("tokens", wanted.tokens())
                .bind("expires", now.getEpochSecond() + RESERVATION.toSeconds()).execute();
        return new Reservation(wanted.id(), wanted.keyId(), wanted.epochDay(), wanted.tokens(), left);
    }

    private Refusal dayFull(long tokens, long left, long limit) {
        long midnight = LocalDate.ofEpochDay(today() + 1).atStartOfDay(ZoneOffset.UTC).toEpochSecond();
        return Refusal.busy("insufficient_quota", "daily_tokens_exceeded", "This request may take " + tokens
                + " tokens, and this key has " + left + " of its " + limit
                + " left today; ask for a shorter answer, or after midnight UTC.", midnight - now());
    }

    /** What the limits that are kept in the database leave; as much as there is where there are none. */
    long tokensLeft(String keyId, KeyLimits limits) throws AccountException {
        OptionalLong ofDay = limits.tokensPerDay();
        boolean ofMinute = database.isShared() && limits.tokensPerMinute().isPresent();
        if (ofDay.isEmpty() && !ofMinute) {
            return Long.MAX_VALUE;
        }
        return database.read(handle -> {
            long now = nanos(clock.instant());
            return Math.min(
                    ofDay.isPresent() ? day(handle, keyId, today()).left(ofDay.getAsLong()) : Long.MAX_VALUE,
                    ofMinute
                            ? SharedMinutes.read(handle, keyId, limits, now).tokensLeft(now).orElseThrow()
                            : Long.MAX_VALUE);
        });
    }

    /** Tokens of today that are used or reserved. */
    Day today(String keyId) throws AccountException {
        return database.read(handle -> day(handle, keyId, today()));
    }

    private Day day(Handle handle, String keyId, long epochDay) {
        long used = handle.createQuery("""
                                       SELECT COALESCE(SUM(prompt_tokens + completion_tokens), 0) FROM usage_day
                                       WHERE key_id = :key AND day = :day""").bind("key", keyId).bind("day", epochDay)
                .mapTo(Long.class).one();
        long reserved = handle.createQuery("""
                                           SELECT COALESCE(SUM(tokens), 0) FROM reservation
                                           WHERE key_id = :key AND day = :day AND expires_at > :now""")
                .bind("key", keyId).bind("day", epochDay)
                .bind("now", now()).mapTo(Long.class).one();
        return new Day(used, reserved);
    }

    /** Exchanges reservations for what was used; harmless when it is done again. */
    void settle(List<Settlement> settlements) throws AccountException {
        database.change(handle -> {
            settlements.forEach(settlement -> settle(handle, settlement));
            return settlements.size();
        });
    }

    private void settle(Handle handle, Settlement settlement) {
        Reservation reservation = settlement.reservation();
        int open = handle.createUpdate("DELETE FROM reservation WHERE id = :id").bind("id", reservation.id()).execute();
        if (open == 1) {
            handle.createUpdate("""
                                INSERT INTO usage_day (key_id, day, requests, prompt_tokens, completion_tokens)
                                VALUES (:key, :day, 1, :prompt, :completion)
                                ON CONFLICT (key_id, day) DO UPDATE SET requests = usage_day.requests + 1,
                                prompt_tokens = usage_day.prompt_tokens + excluded.prompt_tokens,
                                completion_tokens = usage_day.completion_tokens + excluded.completion_tokens""")
                    .bind("key", reservation.keyId()).bind("day", reservation.epochDay())
                    .bind("prompt", settlement.promptTokens()).bind("completion", settlement.completionTokens())
                    .execute();
            if (database.isShared() && settlement.unused() > 0) {
                SharedMinutes.giveBack(handle, reservation.keyId(), settlement.unused());
            }
        }
    }

    /** What every key used since that day. */
    public List<Usage> since(LocalDate first) throws AccountException {
        return database.read(handle -> handle
                .createQuery("SELECT * FROM usage_day WHERE day >= :first ORDER BY day, key_id")
                .bind("first", first.toEpochDay())
                .map((row, _) -> new Usage(row.getString("key_id"), LocalDate.ofEpochDay(row.getLong("day")),
                        row.getLong("requests"), row.getLong("prompt_tokens"), row.getLong("completion_tokens")))
                .list());
    }

    private long today() {
        return day(clock.instant());
    }

    private static long day(Instant instant) {
        return Math.floorDiv(instant.getEpochSecond(), Duration.ofDays(1).toSeconds());
    }

    private static long nanos(Instant instant) {
        return TimeUnit.SECONDS.toNanos(instant.getEpochSecond()) + instant.getNano();
    }

    private long now() {
        Instant instant = clock.instant();
        return instant.getEpochSecond();
    }
}
