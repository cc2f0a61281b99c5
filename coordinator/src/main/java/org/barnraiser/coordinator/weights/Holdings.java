package org.barnraiser.coordinator.weights;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.protobuf.ByteString;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.barnraiser.proto.Holder;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableSet.toImmutableSet;

/**
 * Which worker has which pieces of the hosted model on its disk, as far as this coordinator has heard. Pieces are named by their
 * sha256, 32 bytes. Thread-safe; never blocks for long.
 */
public final class Holdings {
    private final String modelDigest;
    /** Copies that every piece has because this coordinator has the model's files. */
    private final int ownCopies;
    /** By incarnation; guarded by this. */
    private final Map<String, Held> held = new LinkedHashMap<>();

    private record Held(String workerId, String address, Set<ByteString> pieces) {}

    /**
     * Knows of no worker yet.
     *
     * @param here whether this coordinator has the model's files
     */
    public Holdings(String modelDigest, boolean here) {
        this.modelDigest = modelDigest;
        ownCopies = here ? 1 : 0;
    }

    public String modelDigest() {
        return modelDigest;
    }

    /** What a worker has, all of it. */
    public synchronized void put(String incarnationId, String workerId, String address, Set<ByteString> pieces) {
        held.put(incarnationId, new Held(workerId, address, new HashSet<>(pieces)));
    }

    /** All other workers have gone. */
    public synchronized void retain(Set<String> incarnations) {
        held.keySet().retainAll(incarnations);
    }

    /** Who has any of these pieces, but for one who asks. */
    public synchronized ImmutableList<Holder> holders(Set<ByteString> pieces, String exceptIncarnation) {
        return held.entrySet().stream().filter(entry -> !entry.getKey().equals(exceptIncarnation))
                .map(entry -> Holder.newBuilder().setWorkerId(entry.getValue().workerId())
                        .setAddress(entry.getValue().address())
                        .addAllSha256(pieces.stream().filter(entry.getValue().pieces()::contains).toList()).build())
                .filter(holder -> holder.getSha256Count() > 0).collect(toImmutableList());
    }

    /** What all workers have, but for one who asks. */
    public synchronized ImmutableList<Holder> others(String exceptIncarnation) {
        return held.entrySet().stream().filter(entry -> !entry.getKey().equals(exceptIncarnation))
                .map(entry -> Holder.newBuilder().setWorkerId(entry.getValue().workerId())
                        .setAddress(entry.getValue().address()).addAllSha256(entry.getValue().pieces()).build())
                .collect(toImmutableList());
    }

    /** Whether a worker has every one of these pieces. */
    public synchronized boolean hasAll(String incarnationId, Set<ByteString> pieces) {
        Held there = held.get(incarnationId);
        return there != null && there.pieces().containsAll(pieces);
    }

    /** On how many disks a piece is. */
    public synchronized int copies(ByteString piece) {
        return ownCopies + (int) held.values().stream().filter(there -> there.pieces().contains(piece)).count();
    }

    /**
     * A worker wants to delete these pieces: those that would then be nowhere, and so must stay. When there are none, all of
     * them count as deleted from now on. Pieces of other models are nobody's last.
     */
    synchronized ImmutableSet<ByteString> release(String incarnationId, String model, Set<ByteString> pieces) {
        if (!model.equals(modelDigest)) {
            return ImmutableSet.of();
        }
        Held there = held.get(incarnationId);
        ImmutableSet<ByteString> last = pieces.stream()
                .filter(piece -> copies(piece) - (there != null && there.pieces().contains(piece) ? 1 : 0) < 1)
                .collect(toImmutableSet());
        if (last.isEmpty() && there != null) {
            there.pieces().removeAll(pieces);
        }
        return last;
    }
}
