package org.barnraiser.coordinator.fit;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Common machines, with the numbers of their makers. The data are in {@code machines.csv}. */
public final class Catalogue {
    private final ImmutableMap<String, Entry> entries;

    /**
     * A kind of machine.
     *
     * @param memoryBytes that it can lend
     * @param source where the numbers are from
     */
    public record Entry(String name, long memoryBytes, double bytesPerSecond, double operationsPerSecond,
            String source) {}

    private Catalogue(ImmutableMap<String, Entry> entries) {
        this.entries = entries;
    }

    /** Reads the list that this program brings along. */
    public static Catalogue standard() {
        try {
            return of(Resources.readLines(Resources.getResource(Catalogue.class, "machines.csv"),
                    StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Catalogue of(List<String> lines) {
        ImmutableMap.Builder<String, Entry> entries = ImmutableMap.builder();
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            List<String> cells = Splitter.on(',').trimResults().limit(5).splitToList(line);
            String name = cells.getFirst();
            entries.put(name, new Entry(name, Math.round(Quantity.BYTES.parse(name, cells.get(1))),
                    Quantity.BYTES_PER_SECOND.parse(name, cells.get(2)),
                    Quantity.OPERATIONS_PER_SECOND.parse(name, cells.get(3)), cells.get(4)));
        }
        return new Catalogue(entries.buildOrThrow());
    }

    /** All of them, in the order of the list. */
    public List<Entry> entries() {
        return entries.values().asList();
    }

    Optional<Entry> find(String name) {
        return Optional.ofNullable(entries.get(name.strip().toLowerCase(Locale.ROOT).replace(' ', '-')));
    }
}
