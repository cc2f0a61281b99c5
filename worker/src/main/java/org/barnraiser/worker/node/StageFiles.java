package org.barnraiser.worker.node;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.worker.shard.CachedShard;

/**
 * What a stage is loaded from, kept on disk until it is closed.
 *
 * @param adapters their parts for the shard's layers by digest; empty for an adapter that has none
 */
record StageFiles(CachedShard shard, Map<String, Optional<CachedShard>> adapters) implements AutoCloseable {

    Map<String, Optional<Path>> adapterFiles() {
        Map<String, Optional<Path>> files = new LinkedHashMap<>();
        adapters.forEach((digest, part) -> files.put(digest, part.map(CachedShard::file)));
        return files;
    }

    @Override
    public void close() {
        adapters.values().forEach(part -> part.ifPresent(CachedShard::close));
        shard.close();
    }
}
