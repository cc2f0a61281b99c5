package org.barnraiser.coordinator.weights;

import com.google.common.base.Ticker;
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.collect.ImmutableSet;
import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

import static com.google.common.collect.ImmutableSet.toImmutableSet;

/**
 * Says what must be kept of models that are not hosted at the moment, of which nobody counts the copies all the time: whoever wants to
 * delete something has the others asked. Who does not answer counts as having nothing. Thread-safe.
 */
public final class IdleModels {
    /** Who may delete something does so at once; after this it is a holder again if it still says so. */
    private static final Duration DELETED_WITHIN = Duration.ofMinutes(1);
    private static final long MAX_RELEASED = 1_000_000;

    private final Predicate<String> keptElsewhere;
    private final Census census;
    /** What may be deleted by whom, and so does not count any more. Guarded by this. */
    private final Cache<Released, Boolean> released;

    private record Released(String incarnationId, ByteString piece) {}

    /**
     * Asks nobody yet.
     *
     * @param keptElsewhere whether all of a model is kept in another place than on workers, or need not be kept at all
     */
    public IdleModels(Predicate<String> keptElsewhere, Census census, Ticker ticker) {
        this.keptElsewhere = keptElsewhere;
        this.census = census;
        released = CacheBuilder.newBuilder().expireAfterWrite(DELETED_WITHIN).ticker(ticker).build();
    }

    /**
     * A worker wants to delete these pieces: those that would then be nowhere, and so must stay. When there are none, all of them count
     * as deleted from now on. Blocks while the others are asked.
     */
    ImmutableSet<ByteString> release(String incarnationId, String model, Set<ByteString> pieces)
            throws InterruptedException {
        if (keptElsewhere.test(model)) {
            return ImmutableSet.of();
        }
        Map<String, ImmutableSet<ByteString>> others = census.take(model, incarnationId);
        synchronized (this) {
            released.cleanUp();
            if (released.size() + pieces.size() > MAX_RELEASED) {
                return ImmutableSet.copyOf(pieces);
            }
            Set<ByteString> there = new HashSet<>();
            others.forEach((incarnation, held) -> held.stream()
                    .filter(piece -> released.getIfPresent(new Released(incarnation, piece)) == null)
                    .forEach(there::add));
            ImmutableSet<ByteString> last = pieces.stream().filter(piece -> !there.contains(piece))
                    .collect(toImmutableSet());
            if (last.isEmpty()) {
                pieces.forEach(piece -> released.put(new Released(incarnationId, piece), true));
            }
            return last;
        }
    }
}
