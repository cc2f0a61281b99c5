package org.barnraiser.coordinator.account;

import com.google.common.base.Joiner;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableSet;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/** The keys in the database. Every method blocks on it. */
public final class MemberKeys {
    /** Names of models have no line breaks. */
    private static final char BETWEEN_MODELS = '\n';
    private static final int MAX_KEYS = 10_000;
    private static final int ID_CHARS = 8;

    private final Database database;
    private final InstantSource clock;

    public MemberKeys(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** The same keys at another time. */
    public MemberKeys at(InstantSource otherClock) {
        return new MemberKeys(database, otherClock);
    }

    /** Makes a key; its secret is in the answer and nowhere else. */
    public IssuedKey create(NewKey wanted) throws AccountException {
        NewKey checked = wanted.checked();
        Instant now = Instant.ofEpochSecond(clock.instant().getEpochSecond());
        KeySecret secret = KeySecret.random();
        MemberKey key = new MemberKey("key-" + UUID.randomUUID().toString().substring(0, ID_CHARS), checked.name(),
                checked.role(), secret.prefix(), now, checked.validFor().map(now::plus), Optional.empty(),
                checked.limits());
        boolean made = database.change(handle -> {
            if (count(handle) >= MAX_KEYS) {
                return false;
            }
            insert(handle, key, secret);
            return true;
        });
        if (!made) {
            throw new AccountException("There are " + MAX_KEYS + " keys already, which is as many as there may be.");
        }
        return new IssuedKey(key, secret);
    }

    /** Has this very key, which somebody else has made, and no other of its name; what was revoked here stays so. */
    void put(NewKey wanted, KeySecret secret) throws AccountException {
        NewKey checked = wanted.checked();
        Instant now = Instant.ofEpochSecond(clock.instant().getEpochSecond());
        MemberKey key = new MemberKey("key-" + UUID.randomUUID().toString().substring(0, ID_CHARS), checked.name(),
                checked.role(), secret.prefix(), now, Optional.empty(), Optional.empty(), checked.limits());
        var _ = database.change(handle -> {
            handle.createUpdate("""
                                UPDATE member_key SET revoked_at = :now WHERE name = :name AND hash <> :hash
                                AND revoked_at IS NULL""").bind("now", now.getEpochSecond()).bind("name", key.name())
                    .bind("hash", secret.hash()).execute();
            boolean there = handle.createQuery("SELECT COUNT(*) FROM member_key WHERE hash = :hash")
                    .bind("hash", secret.hash()).mapTo(Long.class).one() > 0;
            if (!there) {
                insert(handle, key, secret);
            }
            return !there;
        });
    }

    /** All keys, those that open nothing any more included, in order of their making. */
    public List<MemberKey> list() throws AccountException {
        return stored().stream().map(StoredKey::key).toList();
    }

    List<StoredKey> stored() throws AccountException {
        return database.read(handle -> handle.createQuery("SELECT * FROM member_key ORDER BY created_at, id")
                .map((row, _) -> new StoredKey(key(row), row.getString("hash"))).list());
    }

    /** A key with its secret's hash. */
    record StoredKey(MemberKey key, String hash) {}

    /** The key with this id, or the only one with this prefix or this name. */
    public MemberKey find(String word) throws AccountException {
        List<MemberKey> all = list();
        List<MemberKey> found = all.stream().filter(key -> key.id().equals(word)).toList();
        if (found.isEmpty()) {
            found = all.stream().filter(key -> key.revoked().isEmpty())
                    .filter(key -> key.name().equals(word) || key.prefix().equals(word)).toList();
        }
        return switch (found.size()) {
            case 1 -> found.getFirst();
            // The word may be a key itself, given by mistake, so it is not repeated.
            case 0 -> throw new AccountException("There is no such key; 'barn key list' shows the ids of all.");
            default ->
                throw new AccountException("Several keys go by that name; give the id, as 'barn key list' shows it.");
        };
    }

    /** From now on this key opens nothing, for ever. */
    public MemberKey revoke(String id) throws AccountException {
        change(id, "UPDATE member_key SET revoked_at = COALESCE(revoked_at, :now) WHERE id = :id", null);
        return find(id);
    }

    /** Gives a key another secret; the old one opens nothing from now on. */
    public IssuedKey rotate(String id) throws AccountException {
        KeySecret secret = KeySecret.random();
        change(id, "UPDATE member_key SET hash = :hash, prefix = :prefix WHERE id = :id AND revoked_at IS NULL",
                secret);
        return new IssuedKey(find(id), secret);
    }

    /** Gives a key other limits. */
    public MemberKey limit(String id, KeyLimits limits) throws AccountException {
        KeyLimits checked = limits.checked();
        int changed = database.change(handle -> bind(
                handle.createUpdate(
                        """
                        UPDATE member_key SET models = :models, requests_per_minute = :requests, tokens_per_minute = :minute,
                        tokens_per_day = :day, concurrent_requests = :concurrent, weight = :weight WHERE id = :id"""),
                checked)
                .bind("id", id).execute());
        requireOne(changed);
        return find(id);
    }

    private void change(String id, String sql, @Nullable KeySecret secret) throws AccountException {
        int changed = database.change(handle -> {
            var update = handle.createUpdate(sql).bind("id", id);
            return (secret == null
                    ? update.bind("now", clock.instant().getEpochSecond())
                    : update.bind("hash", secret.hash()).bind("prefix", secret.prefix())).execute();
        });
        requireOne(changed);
    }

    private static void requireOne(int changed) throws AccountException {
        if (changed != 1) {
            throw new AccountException("There is no such key, or it is revoked; 'barn key list' shows the ids of all.");
        }
    }

    private static long count(Handle handle) {
        return handle.createQuery("SELECT COUNT(*) FROM member_key").mapTo(Long.class).one();
    }

    private static void insert(Handle handle, MemberKey key, KeySecret secret) {
        var update = handle.createUpdate(
                """
                INSERT INTO member_key (id, name, role, prefix, hash, created_at, expires_at, models, requests_per_minute,
                tokens_per_minute, tokens_per_day, concurrent_requests, weight) VALUES (:id, :name, :role, :prefix, :hash,
                :created, :expires, :models, :requests, :minute, :day, :concurrent, :weight)""");
        bind(update, key.limits()).bind("id", key.id()).bind("name", key.name()).bind("role", key.role().word())
                .bind("prefix", key.prefix()).bind("hash", secret.hash())
                .bind("created", key.created().getEpochSecond())
                .bind("expires", key.expires().map(Instant::getEpochSecond).orElse(null)).execute();
    }

    private static Update bind(Update update, KeyLimits limits) {
        return update.bind("models", limits.models().isEmpty() ? null : Joiner.on(BETWEEN_MODELS).join(limits.models()))
                .bind("requests", boxed(limits.requestsPerMinute())).bind("minute", boxed(limits.tokensPerMinute()))
                .bind("day", boxed(limits.tokensPerDay())).bind("concurrent", boxed(limits.concurrentRequests()))
                .bind("weight", limits.weight());
    }

    private static @Nullable Long boxed(OptionalLong limit) {
        return limit.isPresent() ? limit.getAsLong() : null;
    }

    private static MemberKey key(ResultSet row) throws SQLException {
        String models = row.getString("models");
        KeyLimits limits = new KeyLimits(
                models == null ? ImmutableSet.of() : ImmutableSet.copyOf(Splitter.on(BETWEEN_MODELS).split(models)),
                number(row, "requests_per_minute"), number(row, "tokens_per_minute"), number(row, "tokens_per_day"),
                number(row, "concurrent_requests"), row.getInt("weight"));
        return new MemberKey(row.getString("id"), row.getString("name"), role(row.getString("role")),
                row.getString("prefix"), Instant.ofEpochSecond(row.getLong("created_at")), time(row, "expires_at"),
                time(row, "revoked_at"), limits);
    }

    /** A role that a newer Barnraiser wrote is the least one here. */
    private static Role role(String word) {
        try {
            return Role.of(word);
        } catch (AccountException _) {
            return Role.GUEST;
        }
    }

    private static Optional<Instant> time(ResultSet row, String column) throws SQLException {
        OptionalLong seconds = number(row, column);
        return seconds.isPresent() ? Optional.of(Instant.ofEpochSecond(seconds.getAsLong())) : Optional.empty();
    }

    private static OptionalLong number(ResultSet row, String column) throws SQLException {
        long number = row.getLong(column);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(number);
    }
}
