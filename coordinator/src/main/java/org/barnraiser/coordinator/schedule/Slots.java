package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.barnraiser.proto.CacheEdit;
import org.jspecify.annotations.Nullable;

/**
 * The slots of a pipeline and the KV cells that they share: whose they are, how many cells are promised, and what is kept of sequences
 * that have ended for those that begin alike.
 *
 * <p>A slot is free the moment its sequence ends, although steps of that sequence may still be on their way: edits go into the next
 * step, ahead of the next sequence's first span, and every stage takes steps in order.
 */
/*
 * What is kept. A slot whose sequence has ended keeps what that sequence has put into it, until its slot or its cells are wanted by a
 * sequence that runs, or more than keptLimit cells are kept: llama.cpp computes attention over every cell in use, so cells that nobody asks
 * for again slow down all. Those that were not asked for the longest time go first. For the same reason, slots of ended and of running
 * sequences together are never more than may run at once. The slots beyond those are for answers that gave way to others: they come back soon.
 *
 * How it is found again. There are as many prefixes as slots, a few dozen, and comparing a prompt with all of them takes
 * microseconds; a tree over their tokens would only be in the way. A conversation that goes on gets the very slot of its last turn.
 * Any other sequence, when it begins, gets a copy of the longest prefix that is there, be it kept or of a sequence that still runs:
 * llama.cpp lets both share the cells. The promise made to it counts them nevertheless, because the other one may go first.
 *
 * A text that is read for its meaning shares nothing: all its hidden states are wanted. And it leaves nothing, so that a thousand texts
 * do not push out the conversations.
 *
 * What can go wrong. A prefix may be in steps that are not answered yet. When one of them fails, stages disagree about what it put into the
 * cache; so each prefix knows the last step that filled it, and whoever took it over starts over.
 */
final class Slots {
    /** A shorter common beginning, a marker and a few words that all prompts have, is not worth an edit. */
    static final int LEAST_REUSED_TOKENS = 8;

    private final int atOnce;
    private final int cells;
    private final OptionalInt keptLimit;
    private final @Nullable Sequence[] owners;
    /** By slot, least recently used first; none of these slots has an owner. */
    private final SequencedMap<Integer, Prefix> kept = new LinkedHashMap<>();
    /** Of those, the ones whose sequence comes back. */
    private final Set<Integer> awaited = new HashSet<>();
    private final List<CacheEdit> edits = new ArrayList<>();
    private int owned;
    private int promisedCells;
    private int keptCells;

    /**
     * @param atOnce sequences that have slots at once
     * @param keptLimit cells at most for sequences that have ended; empty: sequences share nothing at all
     */
    Slots(int atOnce, int slots, int cells, OptionalInt keptLimit) {
        this.atOnce = atOnce;
        owners = new @Nullable Sequence[slots];
        this.cells = cells;
        this.keptLimit = keptLimit;
    }

    /** Gives the sequence a slot and promises it its cells; false when there is no slot or not enough cells. */
    boolean tryAllot(Sequence sequence) {
        if (owned == atOnce || sequence.cells() > cells - promisedCells) {
            return false;
        }
        int slot = slotFor(sequence);
        owners[slot] = sequence;
        owned++;
        promisedCells += sequence.cells();
        sequence.allot(slot);
        Prefix former = unkeep(slot);
        if (isCrowded(0)) {
            evict(oldestEnded());
        }
        if (former != null) {
            int common = worth(common(former, sequence));
            if (common < former.length()) {
                edits.add(drop(slot, common));
            }
            sequence.reuse(common, former.throughStep());
        }
        evictUntil(cells - promisedCells);
        return true;
    }

    /** Whether so many more sequences, and those that run and have ended, are more than may run at once. */
    private boolean isCrowded(int more) {
        int ended = kept.size() - awaited.size();
        return ended > 0 && owned + ended + more > atOnce;
    }

    private int oldestEnded() {
        return kept.keySet().stream().filter(slot -> !awaited.contains(slot)).findFirst().orElseThrow();
    }

    /** The slot of a conversation that goes on; else an empty one; else the one whose past is the least loss. */
    private int slotFor(Sequence sequence) {
        Optional<Match> alike = best(ended(sequence));
        if (alike.isPresent() && alike.get().lost() == 0) {
            return alike.get().slot();
        }
        boolean crowded = isCrowded(1);
        return IntStream.range(0, crowded ? 0 : owners.length)
                .filter(slot -> owners[slot] == null && !kept.containsKey(slot)).findFirst()
                .orElseGet(() -> alike.filter(match -> match.common() > match.lost()).map(Match::slot)
                        .orElseGet(() -> crowded ? oldestEnded() : kept.firstEntry().getKey()));
    }

    /** Whether a sequence that has not begun could share much more after this step than it could before it. */
    boolean isWorthWaiting(Sequence sequence, long stepNumber) {
        int now = 0;
        int soon = 0;
        for (Sequence other : others(sequence).toList()) {
            int common = common(other.prefix(), sequence);
            soon = Math.max(soon, worth(common));
            now = Math.max(now, worth(Math.min(common, other.prefixBefore(stepNumber).length())));
        }
        return soon - LEAST_REUSED_TOKENS >= Math.max(now, sequence.plannedTokens());
    }

    private Stream<Sequence> others(Sequence sequence) {
        return Stream.of(owners).filter(owner -> owner != null && owner != sequence).map(Objects::requireNonNull);
    }

    /**
     * To be called before a sequence's first span: how it may share what another slot holds, if that is more than it has already.
     *
     * @param stepNumber of the step that the edit goes into, ahead of all spans
     */
    Optional<CacheEdit> share(Sequence sequence, long stepNumber) {
        Stream<Match> running = others(sequence)
                .map(owner -> match(owner.slot(), owner.prefixBefore(stepNumber), sequence));
        Optional<Match> best = best(Stream.concat(ended(sequence), running))
                .filter(match -> match.common() > sequence.plannedTokens());
        if (best.isEmpty()) {
            return Optional.empty();
        }
        Match source = best.get();
        sequence.reuse(source.common(), source.prefix().throughStep());
        if (kept.containsKey(source.slot())) {
            kept.putLast(source.slot(), source.prefix());
        }
        return Optional.of(CacheEdit.newBuilder().setCopy(CacheEdit.Copy.newBuilder().setFromSlot(source.slot())
                .setToSlot(sequence.slot()).setToPosition(source.common())).build());
    }

    /** What one slot holds, and how much of it a sequence could use: comparing tokens is the work, so it is done once. */
    private record Match(int slot, Prefix prefix, int common) {
        int lost() {
            return prefix.length() - common;
        }
    }

    private Match match(int slot, Prefix prefix, Sequence sequence) {
        return new Match(slot, prefix, worth(common(prefix, sequence)));
    }

    private Stream<Match> ended(Sequence sequence) {
        return kept.entrySet().stream().map(entry -> match(entry.getKey(), entry.getValue(), sequence));
    }

    private static Optional<Match> best(Stream<Match> matches) {
        return matches.filter(match -> match.common() > 0).max(Comparator.comparingInt(Match::common));
    }

    private int common(Prefix prefix, Sequence sequence) {
        return keptLimit.isPresent() && !sequence.isPooled() ? prefix.commonLength(sequence) : 0;
    }

    private static int worth(int common) {
        return common < LEAST_REUSED_TOKENS ? 0 : common;
    }

    /** The sequence has ended; what it put into its slot is kept for a while. */
    void release(Sequence sequence) {
        int slot = sequence.slot();
        owners[slot] = null;
        owned--;
        promisedCells -= sequence.cells();
        Prefix prefix = sequence.prefix();
        if (keptLimit.isPresent() && !sequence.isPooled() && prefix.length() >= LEAST_REUSED_TOKENS) {
            if (sequence.hasDrafts()) {
                edits.add(drop(slot, prefix.length()));
            }
            ImmutableIntArray tokens = sequence.tokens(prefix.length());
            kept.putLast(slot, new Prefix(tokens::get, prefix.length(), prefix.throughStep(), prefix.adapters()));
            if (sequence.comesBack()) {
                awaited.add(slot);
            }
            keptCells += prefix.length();
            evictUntil(keptLimit.getAsInt());
        } else {
            forget(sequence);
        }
    }

    /** Its drafts were answered: what is in its slot beyond its tokens, or would leave it nothing to feed, is to be dropped. */
    void settleDrafts(Sequence sequence) {
        boolean wrong = sequence.hasDrafts();
        int held = sequence.plannedTokens();
        sequence.dropDrafts();
        if (wrong || sequence.plannedTokens() < held) {
            edits.add(drop(sequence.slot(), sequence.plannedTokens()));
        }
    }

    /** What is in the sequence's slot is to be dropped; slot and cells stay its own, if it has not ended. */
    void forget(Sequence sequence) {
        if (sequence.plannedTokens() > 0) {
            edits.add(drop(sequence.slot(), 0));
        }
    }

    /** A step failed: nobody may build on what it, or a later one, has put into a slot that is kept. */
    void forgetFrom(long stepNumber) {
        List.copyOf(kept.entrySet()).stream().filter(entry -> entry.getValue().throughStep() >= stepNumber)
                .forEach(entry -> evict(entry.getKey()));
    }

    /** The edits that stages have to make before anything else; the caller sends them. */
    List<CacheEdit> takeEdits() {
        List<CacheEdit> taken = List.copyOf(edits);
        edits.clear();
        return taken;
    }

    /** Cells that hold what ended sequences left. */
    int keptCells() {
        return keptCells;
    }

    private void evictUntil(int limit) {
        while (keptCells > limit) {
            evict(kept.firstEntry().getKey());
        }
    }

    private void evict(int slot) {
        unkeep(slot);
        edits.add(drop(slot, 0));
    }

    private @Nullable Prefix unkeep(int slot) {
        Prefix prefix = kept.remove(slot);
        awaited.remove(slot);
        keptCells -= prefix == null ? 0 : prefix.length();
        return prefix;
    }

    private static CacheEdit drop(int slot, int fromPosition) {
        return CacheEdit.newBuilder()
                .setDrop(CacheEdit.Drop.newBuilder().setSlot(slot).setFromPosition(fromPosition)).build();
    }
}
