package org.barnraiser.coordinator.weights;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import com.google.protobuf.ByteString;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
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

    /** Incarnations that give no sign of life; guarded by this. */
    private final Set<String> silent = new HashSet<>();

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
        silent.retainAll(incarnations);
    }

    /** A worker gives no sign of life, so nobody is sent to it; what is on its disk still counts. */
    public synchronized void onSilent(String incarnationId) {
        silent.add(incarnationId);
    }

    /** It is back. */
    public synchronized void onReturn(String incarnationId) {
        silent.remove(incarnationId);
    }

    /** Who has any of these pieces and gives signs of life, but for one who asks. */
    public synchronized ImmutableList<Holder> holders(Set<ByteString> pieces, String exceptIncarnation) {
        return others(exceptIncarnation).filter(there -> !Collections.disjoint(there.pieces(), pieces))
                .map(there -> holder(there, Sets.intersection(pieces, there.pieces()))).collect(toImmutableList());
    }

    /** What all workers have that give signs of life, but for one who asks. */
    public synchronized ImmutableList<Holder> holders(String exceptIncarnation) {
        return others(exceptIncarnation).map(there -> holder(there, there.pieces())).collect(toImmutableList());
    }

    private Stream<Held> others(String exceptIncarnation) {
        return held.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(exceptIncarnation) && !silent.contains(entry.getKey()))
                .map(Map.Entry::getValue);
    }

    private static Holder holder(Held there, Set<ByteString> pieces) {
        return Holder.newBuilder().setWorkerId(there.workerId()).setAddress(there.address()).addAllSha256(pieces)
                .build();
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
