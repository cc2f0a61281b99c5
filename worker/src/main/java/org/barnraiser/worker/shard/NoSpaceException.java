package org.barnraiser.worker.shard;

/** The cache's quota or the disk has no room, even after everything that is not in use were evicted. */
public final class NoSpaceException extends ShardException {
    private static final long serialVersionUID = 1L;

    NoSpaceException(String place, long neededBytes, long availableBytes) {
        super("The shard needs " + neededBytes + " bytes, but " + place + " has room for " + availableBytes
                + " bytes only; free some, or give this worker a smaller part.");
    }
}
