package org.barnraiser.worker.shard;

import java.nio.file.Path;
import java.util.List;

/** A piece and where it lies on this disk. */
record Located(String sha256, FileRange range) {

    /** All pieces that the entry's layout names; those of an unfinished file may not be there yet. */
    static List<Located> in(CacheEntry entry) {
        Path file = entry.dataFile();
        return entry.layout().extents().stream().filter(extent -> !extent.isHole())
                .map(extent -> new Located(extent.piece().getSha256(),
                        new FileRange(file, extent.offsetBytes(), extent.lengthBytes())))
                .toList();
    }
}
