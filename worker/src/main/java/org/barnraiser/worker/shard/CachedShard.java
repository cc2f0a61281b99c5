package org.barnraiser.worker.shard;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.barnraiser.proto.ShardSpec;

/** A complete, verified shard. It stays on disk until it is closed. */
public final class CachedShard implements AutoCloseable {
    private final ShardCache cache;
    private final ShardSpec spec;
    private final List<CacheEntry> entries;
    private boolean closed;

    CachedShard(ShardCache cache, ShardSpec spec, List<CacheEntry> entries) {
        this.cache = cache;
        this.spec = spec;
        this.entries = entries;
    }

    public ShardSpec spec() {
        return spec;
    }

    /** The GGUF file to load. */
    public Path file() {
        return entries.getFirst().completeFile();
    }

    /** Where the head's token embedding lies, as it is in the model's file; empty for other stages. */
    public Optional<FileRange> embedding() {
        if (!spec.hasEmbedding()) {
            return Optional.empty();
        }
        String sha256 = spec.getEmbedding().getPiece().getSha256();
        return entries.stream().flatMap(entry -> Located.in(entry).stream())
                .filter(located -> located.sha256().equals(sha256)).map(Located::range).findFirst();
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            cache.releaseUsed(entries);
        }
    }
}
