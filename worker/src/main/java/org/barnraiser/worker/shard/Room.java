package org.barnraiser.worker.shard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Decides what must be evicted so that wanted files fit the quota and the disk. */
final class Room {
    /** Left free on the disk, for logs and everybody else. */
    private static final long RESERVE_BYTES = 64L << 20;

    /** How much more the disk can take. */
    interface Disk {
        long usableBytes() throws IOException;
    }

    private final long quotaBytes;
    private final Disk disk;

    Room(Path folder, long quotaBytes) {
        this(quotaBytes, () -> Files.getFileStore(folder).getUsableSpace() - RESERVE_BYTES);
    }

    Room(long quotaBytes, Disk disk) {
        this.quotaBytes = quotaBytes;
        this.disk = disk;
    }

    /** Whether writing failed because there is no room, as the operating system words it; a quota of its own counts as well. */
    static boolean isFull(IOException failure) {
        String words = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return words.contains("no space left") || words.contains("quota exceeded")
                || words.contains("not enough space");
    }

    /**
     * The entries to evict, least recently used first; those that hold a piece of a wanted file go last.
     *
     * @param kept entries that must stay
     * @throws NoSpaceException when even evicting all that are not in use would not do; then nothing is to be evicted
     */
    List<CacheEntry> victims(Collection<CacheEntry> entries, Collection<CacheEntry> wanted,
            Collection<CacheEntry> kept)
            throws NoSpaceException, IOException {
        long missing = 0;
        long used = 0;
        for (CacheEntry entry : entries) {
            if (wanted.contains(entry)) {
                missing += entry.layout().storedBytes() - entry.usedBytes();
                used += entry.layout().storedBytes();
            } else {
                used += entry.usedBytes();
            }
        }
        long overQuota = used - quotaBytes;
        long overDisk = missing == 0 ? 0 : missing - disk.usableBytes();
        var victims = new ArrayList<CacheEntry>();
        long freed = 0;
        for (CacheEntry entry : evictable(entries, wanted, kept)) {
            if (freed >= overQuota && freed >= overDisk) {
                break;
            }
            victims.add(entry);
            freed += entry.usedBytes();
        }
        if (freed < overQuota) {
            throw new NoSpaceException(
                    String.format(Locale.ROOT, "the cache's quota of %.1f MB", quotaBytes / 1e6) + last(kept), missing,
                    Math.max(0, missing - (overQuota - freed)));
        }
        if (freed < overDisk) {
            throw new NoSpaceException("the disk" + last(kept), missing,
                    Math.max(0, missing - (overDisk - freed)));
        }
        return victims;
    }

    private static String last(Collection<CacheEntry> kept) {
        return kept.isEmpty()
                ? ""
                : ", where " + kept.size() + " files are kept as last copies, of model "
                        + kept.stream().map(entry -> entry.layout().modelDigest()).distinct().sorted()
                                .collect(Collectors.joining(" and of model "))
                        + ",";
    }

    private static List<CacheEntry> evictable(Collection<CacheEntry> entries, Collection<CacheEntry> wanted,
            Collection<CacheEntry> kept) {
        Set<String> wantedPieces = new HashSet<>();
        wanted.forEach(entry -> Located.in(entry).forEach(located -> wantedPieces.add(located.sha256())));
        return entries.stream().filter(entry -> !entry.inUse() && !wanted.contains(entry) && !kept.contains(entry))
                .sorted(Comparator
                        .comparing((CacheEntry entry) -> Located.in(entry).stream()
                                .anyMatch(located -> wantedPieces.contains(located.sha256())))
                        .thenComparing(CacheEntry::lastUse))
                .toList();
    }
}
