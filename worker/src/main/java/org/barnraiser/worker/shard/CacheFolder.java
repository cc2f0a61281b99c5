package org.barnraiser.worker.shard;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.barnraiser.proto.ShardSpec;
import org.jspecify.annotations.Nullable;

/** The files of a cache, as an earlier process left them. */
final class CacheFolder {
    private static final long MAX_RECORD_BYTES = 256L << 20;

    private CacheFolder() {}

    /** Claims the folder for this process, until the channel is closed. */
    static FileChannel lock(Path folder) throws IOException {
        FileChannel channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException _) {
            // This very process has it: refused below, like any other.
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        if (lock == null) {
            throw new IOException(
                    "The folder " + folder + " is used by another worker; give this one another --name or --data.");
        }
        return channel;
    }

    /** The entries by name. Temporary files, and data without a readable layout, are removed. */
    static Map<String, CacheEntry> read(Path folder) throws IOException {
        var entries = new HashMap<String, CacheEntry>();
        List<Path> files;
        try (var listing = Files.list(folder)) {
            files = listing.toList();
        }
        for (Path file : files) {
            String name = nameOf(file, CacheEntry.RECORD);
            if (Sha256.isHex(name)) {
                var entry = readEntry(folder, name, file);
                if (entry != null) {
                    entries.put(name, entry);
                }
            }
        }
        for (Path file : files) {
            boolean data = !nameOf(file, CacheEntry.COMPLETE).isEmpty() || !nameOf(file, CacheEntry.PARTIAL).isEmpty();
            boolean known = entries.containsKey(nameOf(file, CacheEntry.COMPLETE))
                    || entries.containsKey(nameOf(file, CacheEntry.PARTIAL));
            if ((data && !known) || file.toString().endsWith(DurableFiles.TEMPORARY)) {
                Files.deleteIfExists(file);
            }
        }
        return entries;
    }

    private static @Nullable CacheEntry readEntry(Path folder, String name, Path file)
            throws IOException {
        try {
            if (Files.size(file) <= MAX_RECORD_BYTES) {
                var layout = StoredLayout.of(ShardSpec.parseFrom(Files.readAllBytes(file)));
                var entry = new CacheEntry(folder, layout);
                if (layout.name().equals(name) && Files.exists(entry.dataFile())) {
                    return entry;
                }
            }
        } catch (InvalidProtocolBufferException | IllegalArgumentException _) {
            // Not a layout: the file and its data are of no use.
        }
        Files.deleteIfExists(file);
        return null;
    }

    /** The file's name without the ending, empty when it ends otherwise. */
    private static String nameOf(Path file, String ending) {
        String name = file.getFileName().toString();
        return name.endsWith(ending) ? name.substring(0, name.length() - ending.length()) : "";
    }
}
