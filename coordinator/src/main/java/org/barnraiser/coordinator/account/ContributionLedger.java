package org.barnraiser.coordinator.account;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What machines gave, for ever: entries are added and never changed. No money. Every method blocks on the database. */
public final class ContributionLedger {
    private final Database database;

    public ContributionLedger(Database database) {
        this.database = database;
    }

    void add(Collection<Contribution> entries) throws AccountException {
        database.change(handle -> {
            for (Contribution entry : entries) {
                handle.createUpdate("""
                                    INSERT INTO contribution
                                    (id, machine, owner, from_time, to_time, ready_seconds, layer_tokens, weight_bytes)
                                    VALUES (:id, :machine, :owner, :from, :to, :ready, :tokens, :bytes)""")
                        .bind("id", UUID.randomUUID().toString()).bind("machine", entry.machine())
                        .bind("owner", entry.owner()).bind("from", entry.from().getEpochSecond())
                        .bind("to", entry.to().getEpochSecond()).bind("ready", entry.readySeconds())
                        .bind("tokens", entry.layerTokens()).bind("bytes", entry.weightBytes()).execute();
            }
            return entries.size();
        });
    }

    /** The entries that end within these days, the last one excluded, oldest first. */
    public List<Contribution> between(LocalDate first, LocalDate last) throws AccountException {
        return database.read(handle -> handle.createQuery(
                """
                SELECT * FROM contribution WHERE to_time >= :first AND to_time < :last ORDER BY to_time, machine""")
                .bind("first", first.atStartOfDay(ZoneOffset.UTC).toEpochSecond())
                .bind("last", last.atStartOfDay(ZoneOffset.UTC).toEpochSecond())
                .map((row, _) -> new Contribution(row.getString("machine"), row.getString("owner"),
                        Instant.ofEpochSecond(row.getLong("from_time")), Instant.ofEpochSecond(row.getLong("to_time")),
                        row.getLong("ready_seconds"), row.getLong("layer_tokens"), row.getLong("weight_bytes")))
                .list());
    }

    /** One sum for each machine, who gave longest first. */
    public static List<Contribution> byMachine(List<Contribution> entries) {
        Map<String, Contribution> sums = new LinkedHashMap<>();
        entries.forEach(entry -> sums.merge(entry.machine(), entry, Contribution::plus));
        return sums.values().stream()
                .sorted((one, other) -> Long.compare(other.readySeconds(), one.readySeconds())).toList();
    }
}
