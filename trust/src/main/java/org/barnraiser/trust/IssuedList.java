package org.barnraiser.trust;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which certificates an authority has signed, a line each, so that it can take them back. Those that have ended are forgotten after a
 * while, as no connection lasts that long. Its owner holds the folder's lock.
 */
final class IssuedList {
    private static final String FILE = "issued.txt";
    /** A connection that was made with a certificate may outlive it. */
    private static final Duration KEPT = Duration.ofDays(365);
    /** A machine that was away for so long after its certificate's end has no connection left. */
    private static final Duration TOLD = Duration.ofDays(30);

    private final PrivateFolder files;

    IssuedList(PrivateFolder files) {
        this.files = files;
    }

    /** One certificate. */
    record Entry(BigInteger serial, Identity identity, Instant end, boolean revoked) {
        String line() {
            return String.join(" ", serial.toString(16), identity.role().word(), identity.id(),
                    Long.toString(end.toEpochMilli()), revoked ? "revoked" : "good");
        }

        static Entry of(String line) throws IOException {
            String[] words = line.split(" ", -1);
            try {
                return new Entry(new BigInteger(words[0], 16),
                        new Identity(Role.of(words[1]).orElseThrow(), words[2]),
                        Instant.ofEpochMilli(Long.parseLong(words[3])), words[4].equals("revoked"));
            } catch (RuntimeException e) {
                throw new IOException("the line \"" + line + "\" of " + FILE + " is damaged", e);
            }
        }
    }

    private List<Entry> all() throws IOException {
        List<Entry> entries = new ArrayList<>();
        if (files.has(FILE)) {
            for (String line : new String(files.read(FILE), StandardCharsets.UTF_8).lines().toList()) {
                entries.add(Entry.of(line));
            }
        }
        return entries;
    }

    private void write(List<Entry> entries, Instant now) throws IOException {
        var text = new StringBuilder();
        for (Entry entry : entries) {
            if (entry.end().plus(KEPT).isAfter(now)) {
                text.append(entry.line()).append('\n');
            }
        }
        files.write(FILE, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    void add(Entry entry, Instant now) throws IOException {
        List<Entry> entries = all();
        entries.add(entry);
        write(entries, now);
    }

    /** Whether somebody has this id, and a certificate that counts. */
    boolean isMember(String id, Instant now) throws IOException {
        return all().stream()
                .anyMatch(entry -> entry.identity().id().equals(id) && !entry.revoked() && entry.end().isAfter(now));
    }

    void revoke(String id, Instant now) throws IOException {
        write(all().stream().map(entry -> entry.identity().id().equals(id)
                ? new Entry(entry.serial(), entry.identity(), entry.end(), true)
                : entry).toList(), now);
    }

    /** The last one of each id, in the order of the first ones. */
    List<Entry> newest() throws IOException {
        Map<String, Entry> newest = new LinkedHashMap<>();
        all().forEach(entry -> newest.put(entry.identity().id(), entry));
        return List.copyOf(newest.values());
    }

    /** Those that would still count; of the others, the ones whose machine may not have heard of it. */
    List<Entry> revoked(Instant now) throws IOException {
        return all().stream().filter(Entry::revoked).filter(entry -> entry.end().plus(TOLD).isAfter(now)).toList();
    }

    /** Of all that are remembered. */
    Set<BigInteger> serials() throws IOException {
        return all().stream().map(Entry::serial).collect(Collectors.toSet());
    }
}
