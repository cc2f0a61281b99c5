package org.barnraiser.worker.shard;

import java.nio.file.Path;
import java.util.Locale;

/** The cache's quota or the disk has no room, even after everything that is not in use were evicted. */
public final class NoSpaceException extends ShardException {
    private static final long serialVersionUID = 1L;

    private NoSpaceException(String message) {
        super(message);
    }

    NoSpaceException(String place, long neededBytes, long availableBytes) {
        super(String.format(Locale.ROOT,
                "The shard needs %.1f MB more, but %s has room for %.1f MB only; free some, lend more"
                        + " with --disk, or give this worker a smaller part.",
                neededBytes / 1e6, place,
                availableBytes / 1e6));
    }

    /** Others have filled the disk since it was looked at. */
    static NoSpaceException whileWriting(Path folder) {
        return new NoSpaceException("The disk with " + folder
                + " has filled up while a shard was written; what has arrived is kept, and it goes on from there once"
                + " there is room.");
    }
}
