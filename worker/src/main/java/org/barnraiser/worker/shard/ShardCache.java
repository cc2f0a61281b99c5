package org.barnraiser.worker.shard;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.barnraiser.proto.LoadProgress.Phase;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.ShardSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static java.util.stream.Collectors.toSet;

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
    private static final Logger LOG = LoggerFactory.getLogger(ShardCache.class);

    private final Path folder;
    private final FileChannel lock;
    private final Room room;
    /** Held while a shard is assembled: assemblies compete for one disk and one network, and share pieces. */
    private final ReentrantLock assembling = new ReentrantLock();
    /** By name; guarded by this. */
    private final Map<String, CacheEntry> entries;
    private final AtomicLong changes = new AtomicLong(1);

    /** A tensor whose bytes were not as they must be, and whether they are again. */
    public record Damage(String tensorName, boolean repaired) {}

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
    public CachedShard acquire(ShardSpec spec, PieceSources source, ProgressListener progress)
            throws ShardException, IOException, InterruptedException {
        ShardSpecCheck.check(spec);
        List<StoredLayout> layouts = layoutsOf(spec);
        assembling.lockInterruptibly();
        var held = new ArrayList<CacheEntry>();
        try {
            for (StoredLayout layout : layouts) {
                held.add(pinned(layout));
            }
            makeRoom(held, source);
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

    /** The pieces of a model that are here, by sha256, those of files that are not complete yet included. */
    public synchronized Set<String> pieces(String modelDigest) {
        return entries.values().stream().filter(entry -> entry.layout().modelDigest().equals(modelDigest))
                .flatMap(CacheEntry::pieces).collect(toSet());
    }

    /** Another number whenever {@link #pieces} may have changed. */
    public long changes() {
        return changes.get();
    }

    /**
     * A piece to be read by others; empty when it is not here. Reads all of it first if it was not hashed since this process
     * started, and blocks for that long.
     */
    public Optional<HeldPiece> open(String modelDigest, String sha256) throws IOException {
        for (CacheEntry entry : pinnedWith(modelDigest, sha256)) {
            HeldPiece piece = HeldPiece.open(this, entry, sha256);
            if (piece.isRight()) {
                return Optional.of(piece);
            }
            piece.close();
            changes.incrementAndGet();
        }
        return Optional.empty();
    }

    /** At most one entry that has the piece, one where it is known to be right if there is. */
    private synchronized List<CacheEntry> pinnedWith(String modelDigest, String sha256) {
        List<CacheEntry> with = entries.values().stream()
                .filter(entry -> entry.layout().modelDigest().equals(modelDigest)
                        && entry.pieces().anyMatch(sha256::equals))
                .sorted(Comparator.comparing((CacheEntry entry) -> !entry.isRight(sha256))).limit(1).toList();
        with.forEach(CacheEntry::pin);
        return with;
    }

    /**
     * Hashes every piece of a model that is in complete files here, and gets damaged ones anew. Files in use are repaired in
     * place, where llama.cpp has them mapped. Blocks; what is to run meanwhile goes on.
     */
    public List<Damage> examine(String modelDigest, PieceSources sources, ProgressListener progress)
            throws IOException, InterruptedException {
        List<CacheEntry> held = pinnedOf(modelDigest);
        try {
            var count = new ProgressCount(storedBytes(held), progress);
            var damages = new ArrayList<Damage>();
            for (CacheEntry entry : held) {
                damages.addAll(examine(entry, sources, count));
                changes.incrementAndGet();
            }
            return damages;
        } catch (ClosedByInterruptException _) {
            throw new InterruptedException("The examination was cancelled");
        } finally {
            release(held);
        }
    }

    private List<Damage> examine(CacheEntry entry, PieceSources sources, ProgressCount count)
            throws IOException, InterruptedException {
        entry.forget();
        List<Extent> damaged = damaged(entry, count);
        if (!damaged.isEmpty()) {
            entry.onDamaged();
        }
        List<Damage> damages = damaged.isEmpty() ? List.of() : repaired(entry, damaged, sources);
        entry.setVerified(damages.stream().allMatch(Damage::repaired));
        return damages;
    }

    private synchronized List<CacheEntry> pinnedOf(String modelDigest) {
        List<CacheEntry> held = entries.values().stream()
                .filter(entry -> entry.layout().modelDigest().equals(modelDigest) && entry.isComplete()).toList();
        held.forEach(CacheEntry::pin);
        return held;
    }

    private List<Damage> repaired(CacheEntry entry, List<Extent> damaged, PieceSources sources)
            throws IOException, InterruptedException {
        var damages = new ArrayList<Damage>();
        assembling.lockInterruptibly();
        try (var file = ShardFile.create(entry.layout(), entry.dataFile(), _ -> {}, entry::onRight)) {
            for (Extent extent : damaged) {
                boolean repaired = true;
                try {
                    file.repair(List.of(extent), piecesOnDisk(entry), sources);
                } catch (ShardException e) {
                    LOG.warn("Damage in {} stays: {}", entry.completeFile(), e.getMessage());
                    repaired = false;
                }
                damages.add(new Damage(extent.piece().getTensorName(), repaired));
            }
        } finally {
            assembling.unlock();
        }
        return damages;
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

    /** Called by one thread at a time, which may wait for an answer about what must be kept. */
    private void makeRoom(List<CacheEntry> wanted, PieceSources sources) throws NoSpaceException, IOException {
        var kept = new HashSet<CacheEntry>();
        List<CacheEntry> victims = victims(wanted, kept);
        while (!victims.isEmpty()) {
            for (CacheEntry victim : victims) {
                if (mustKeep(victim, sources) || !evicted(victim)) {
                    kept.add(victim);
                }
            }
            victims = victims(wanted, kept);
        }
    }

    private synchronized List<CacheEntry> victims(List<CacheEntry> wanted, Set<CacheEntry> kept)
            throws NoSpaceException, IOException {
        return room.victims(entries.values(), wanted, kept);
    }

    private boolean mustKeep(CacheEntry entry, PieceSources sources) {
        Set<String> pieces;
        synchronized (this) {
            // What another file here has as well is not lost with this one.
            Set<String> elsewhere = entries.values().stream().filter(other -> other != entry)
                    .flatMap(CacheEntry::pieces).collect(toSet());
            pieces = entry.weights().filter(sha256 -> !elsewhere.contains(sha256)).collect(toSet());
        }
        return !pieces.isEmpty() && !sources.mustKeep(entry.layout().modelDigest(), pieces).isEmpty();
    }

    private synchronized boolean evicted(CacheEntry victim) throws IOException {
        if (victim.inUse()) {
            return false;
        }
        victim.delete();
        entries.remove(victim.layout().name());
        changes.incrementAndGet();
        return true;
    }

    private void bringUp(CacheEntry entry, StoredLayout layout, PieceSources source, ProgressCount count)
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
        try {
            write(entry, layout, source, count);
        } catch (IOException e) {
            if (Room.isFull(e)) {
                throw NoSpaceException.whileWriting(folder);
            }
            throw e;
        }
        DurableFiles.rename(entry.partialFile(), entry.completeFile());
        entry.setVerified(true);
        changes.incrementAndGet();
    }

    private void write(CacheEntry entry, StoredLayout layout, PieceSources source, ProgressCount count)
            throws ShardException, IOException, InterruptedException {
        DurableFiles.write(entry.recordFile(), entry.layout().record().toByteArray());
        try (var file = ShardFile.create(layout, entry.partialFile(), count.in(Phase.FETCHING),
                piece -> right(entry, piece))) {
            try {
                file.complete(piecesOnDisk(entry), source);
            } catch (IOException e) {
                if (Room.isFull(e)) {
                    // What was right stays, and the next attempt goes on from it; the rest only keeps the disk full.
                    file.keep(entry::isRight);
                }
                throw e;
            }
        }
    }

    private void right(CacheEntry entry, Piece piece) {
        entry.onRight(piece);
        changes.incrementAndGet();
    }

    private boolean isRight(CacheEntry entry, ProgressCount count) throws IOException {
        entry.forget();
        if (damaged(entry, count).isEmpty()) {
            entry.setVerified(true);
            return true;
        }
        entry.onDamaged();
        changes.incrementAndGet();
        return false;
    }

    /** Hashes what lies on the disk. */
    private List<Extent> damaged(CacheEntry entry, ProgressCount count) throws IOException {
        try (var file = ShardFile.read(entry.layout(), entry.dataFile(), count.in(Phase.VERIFYING), entry::onRight)) {
            return file.damaged();
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

    private static long storedBytes(List<CacheEntry> entries) {
        return entries.stream().mapToLong(entry -> entry.layout().storedBytes()).sum();
    }

    /** The same of what was used until now. */
    void releaseUsed(List<CacheEntry> held) {
        for (CacheEntry entry : held) {
            try {
                entry.touch();
            } catch (IOException e) {
                LOG.warn("When {} was last used is not written down: {}", entry.completeFile(), e.getMessage());
            }
        }
        release(held);
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
