package org.barnraiser.trust.manners;

import com.google.common.util.concurrent.RateLimiter;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How many bytes of weights per second this program sends to others, all together. Safe for use by several threads.
 */
public final class UploadLimit {
    private static final int LARGEST_CHUNK_BYTES = 1 << 20;
    private static final int SMALLEST_CHUNK_BYTES = 4 << 10;
    private static final int CHUNKS_PER_SECOND = 4;

    /** Null for no limit. */
    private final @Nullable RateLimiter limiter;
    private final int chunkBytes;

    /** @param bytesPerSecond empty: as fast as it goes */
    @SuppressWarnings("UnstableApiUsage")
    public UploadLimit(OptionalLong bytesPerSecond) {
        limiter = bytesPerSecond.isPresent() ? RateLimiter.create((double) bytesPerSecond.getAsLong()) : null;
        chunkBytes = Math.clamp(bytesPerSecond.orElse(Long.MAX_VALUE) / CHUNKS_PER_SECOND,
                SMALLEST_CHUNK_BYTES, LARGEST_CHUNK_BYTES);
    }

    /** How many bytes to send at a time at most, so that a slow sender still says something several times a second. */
    public int chunkBytes() {
        return chunkBytes;
    }

    /** Blocks until so many bytes may be sent. */
    @SuppressWarnings("UnstableApiUsage")
    public void await(int bytes) {
        if (limiter != null && bytes > 0) {
            limiter.acquire(bytes);
        }
    }
}
