package org.barnraiser.worker.shard;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.barnraiser.proto.LoadProgress.Phase;
import org.barnraiser.proto.ShardSpec;

/**
 * Shards on this worker's disk.
 *
 * <p>Bytes are stored once, in the shard files that llama.cpp maps; there is no separate store of pieces. Beside each file
 * lies its layout, which is the index from a piece's digest to (file, offset). So a shard for a moved layer range is
 * assembled by copying the pieces it shares with those on disk and fetching the rest. A head's token embedding is a file of
 * its own, named by its digest, unless the shard contains the same bytes.
 *
 * <p>A file is made under another name, forced to disk, and renamed, so a shard is there as a whole or not at all. What an
 * interruption leaves is kept and gone on with: every byte is hashed again before it is trusted.
 *
 * <p>Files that are not in use are evicted, least recently used first, when the quota or the disk demands it. Threads may
 * share a cache; processes may not, which a lock file ensures.
 */
public final class ShardCache implements AutoCloseable {
    private final Path folder;
    private final FileChannel lock;
    private final Room room;
    /** Held while a shard is assembled: assemblies compete for one disk and one network, and share pieces. */
    private final ReentrantLock assembling = new ReentrantLock();
    /** By name; guarded by this. */
    private final Map<String, CacheEntry> entries;

    private ShardCache(Path folder, FileChannel lock, Room room, Map<String, CacheEntry> entries) {
        this.folder = folder;
        this.lock = lock;
        this.room = room;
        this.entries = entries;
    }

    /**
     * Opens the cache and removes what an earlier process left that cannot be used.
     *
     * @param quotaBytes what all shards together may take on disk
     * @throws IOException also when another process uses the folder
     */
    public static ShardCache open(Path folder, long quotaBytes) throws IOException {
        return open(folder, new Room(folder, quotaBytes));
    }

    static ShardCache open(Path folder, Room room) throws IOException {
        Files.createDirectories(folder);
        FileChannel lock = CacheFolder.lock(folder);
        try {
            return new ShardCache(folder, lock, room, CacheFolder.read(folder));
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    /**
     * Returns the shard, complete and verified; assembles, completes or repairs it first where needed. Blocks, and ends early
     * when the thread is interrupted. A shard that was on disk when this process started is hashed once; that reads the file
     * into memory, where llama.cpp's mapping needs it anyway.
     */
    public CachedShard acquire(ShardSpec spec, PieceSource source, ProgressListener progress)
            throws ShardException, IOException, InterruptedException {
        ShardSpecCheck.check(spec);
        List<StoredLayout> layouts = layoutsOf(spec);
        assembling.lockInterruptibly();
        var held = new ArrayList<CacheEntry>();
        try {
            for (StoredLayout layout : layouts) {
                held.add(pinned(layout));
            }
            makeRoom(held);
            var count = new ProgressCount(storedBytes(held), progress);
            for (int i = 0; i < held.size(); i++) {
                bringUp(held.get(i), layouts.get(i), source, count);
            }
            var shard = new CachedShard(this, spec, List.copyOf(held));
            held.clear();
            return shard;
        } catch (ClosedByInterruptException _) {
            throw new InterruptedException("Assembling the shard was cancelled");
        } finally {
            release(held);
            assembling.unlock();
        }
    }

    /** Ids of the shards that are complete, for the planner. Never blocks for long. */
    public synchronized List<String> shardIds() {
        return entries.values().stream().filter(CacheEntry::isComplete).map(entry -> entry.layout().name()).sorted()
                .toList();
    }

    private static List<StoredLayout> layoutsOf(ShardSpec spec) {
        var shard = StoredLayout.of(spec);
        if (!spec.hasEmbedding()) {
            return List.of(shard);
        }
        var piece = spec.getEmbedding().getPiece();
        boolean contained = shard.extents().stream()
                .anyMatch(extent -> extent.piece().getSha256().equals(piece.getSha256()));
        return contained ? List.of(shard) : List.of(shard, StoredLayout.of(spec.getModelDigest(), piece));
    }

    /** The entry for this layout, which now cannot be evicted. */
    private synchronized CacheEntry pinned(StoredLayout layout) throws InvalidShardSpecException, IOException {
        CacheEntry entry = entries.get(layout.name());
        if (entry != null && !entry.layout().sameContent(layout)) {
            if (entry.inUse()) {
                throw new InvalidShardSpecException(
                        "Shard " + layout.name() + " is in use here with other contents; its id must be wrong.");
            }
            entry.delete();
            entry = null;
        }
        if (entry == null) {
            entry = new CacheEntry(folder, layout.withoutLiterals());
            entries.put(layout.name(), entry);
        }
        entry.pin();
        return entry;
    }

    private synchronized void makeRoom(List<CacheEntry> wanted) throws NoSpaceException, IOException {
        for (CacheEntry victim : room.victims(entries.values(), wanted)) {
            victim.delete();
            entries.remove(victim.layout().name());
        }
    }

    private void bringUp(CacheEntry entry, StoredLayout layout, PieceSource source, ProgressCount count)
            throws ShardException, IOException, InterruptedException {
        if (entry.isComplete() && Files.size(entry.completeFile()) == layout.sizeBytes()) {
            long before = count.doneBytes();
            if (entry.isVerified() || isRight(entry, count)) {
                entry.touch();
                return;
            }
            count.backTo(before);
        }
        if (entry.isComplete()) {
            DurableFiles.rename(entry.completeFile(), entry.partialFile());
        }
        DurableFiles.write(entry.recordFile(), entry.layout().record().toByteArray());
        try (var file = ShardFile.create(layout, entry.partialFile(), count.in(Phase.FETCHING))) {
            file.complete(piecesOnDisk(entry), source);
        }
        DurableFiles.rename(entry.partialFile(), entry.completeFile());
        entry.setVerified(true);
    }

    private static boolean isRight(CacheEntry entry, ProgressCount count) throws IOException {
        try (var file = ShardFile.read(entry.layout(), entry.completeFile(), count.in(Phase.VERIFYING))) {
            file.verify();
            entry.setVerified(true);
            return true;
        } catch (DamagedPieceException _) {
            return false;
        }
    }

    private synchronized Map<String, FileRange> piecesOnDisk(CacheEntry except) {
        var pieces = new HashMap<String, FileRange>();
        for (CacheEntry entry : entries.values()) {
            if (entry != except) {
                Located.in(entry).forEach(located -> pieces.put(located.sha256(), located.range()));
            }
        }
        return pieces;
    }

    static void verify(List<CacheEntry> held, ProgressListener progress) throws DamagedPieceException, IOException {
        var count = new ProgressCount(storedBytes(held), progress);
        for (CacheEntry entry : held) {
            entry.setVerified(false);
            try (var file = ShardFile.read(entry.layout(), entry.completeFile(), count.in(Phase.VERIFYING))) {
                file.verify();
            }
            entry.setVerified(true);
        }
    }

    private static long storedBytes(List<CacheEntry> entries) {
        return entries.stream().mapToLong(entry -> entry.layout().storedBytes()).sum();
    }

    synchronized void release(List<CacheEntry> held) {
        for (CacheEntry entry : held) {
            entry.unpin();
            if (!entry.inUse() && !Files.exists(entry.dataFile())) {
                entries.remove(entry.layout().name()); // it was never begun
            }
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
