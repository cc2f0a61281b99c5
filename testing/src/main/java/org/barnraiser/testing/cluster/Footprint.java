package org.barnraiser.testing.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process takes from its machine, as Linux counts it.
 *
 * @param residentBytes physical memory
 * @param threads platform threads
 * @param openFiles file descriptors, sockets included
 */
public record Footprint(long residentBytes, int threads, int openFiles) {

    static Footprint of(long pid) throws IOException {
        Path folder = Path.of("/proc", Long.toString(pid));
        List<String> status = Files.readAllLines(folder.resolve("status"));
        try (Stream<Path> files = Files.list(folder.resolve("fd"))) {
            return new Footprint(number(status, "VmRSS:") << 10, (int) number(status, "Threads:"), (int) files.count());
        }
    }

    /** The largest of everything. */
    static Footprint largest(List<Footprint> footprints) {
        return footprints.stream().reduce(new Footprint(0, 0, 0),
                (one, other) -> new Footprint(Math.max(one.residentBytes, other.residentBytes),
                        Math.max(one.threads, other.threads), Math.max(one.openFiles, other.openFiles)));
    }

    private static long number(List<String> status, String key) throws IOException {
        return status.stream().filter(line -> line.startsWith(key)).findFirst()
                .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .orElseThrow(() -> new IOException("/proc/…/status has no line " + key));
    }
}
