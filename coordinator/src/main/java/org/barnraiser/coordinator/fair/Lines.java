package org.barnraiser.coordinator.fair;

import com.google.common.base.Ticker;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/**
 * Chooses who goes next: the account that was served least for its weight. Guarded by the queue's lock.
 *
 * <p>An account that comes back after a while does not get what it did not ask for: it starts level with those who are here. And
 * an account that asks for few answers does not wait for the end of others' who ask for more at once and were served as much as it:
 * one of those answers gives its slot up, and goes on later. Nor do its questions wait behind theirs until they are read.
 */
final class Lines {
    /** So many tokens of prompts stand before the machines: enough that these are never without. */
    private static final int READ_AHEAD_TOKENS = 512;

    /** However few slots there are, who asks for no more answers at once does not flood. */
    private static final int FEW = 2;

    private final FairLimits limits;
    private final IntSupplier pipelines;
    private final Ticker ticker;
    private final Map<String, Line> lines = new HashMap<>();
    /** How far the last account was served that went; nobody who comes starts below it when nobody is here. */
    private double level;

    Lines(FairLimits limits, IntSupplier pipelines, Ticker ticker) {
        this.limits = limits;
        this.pipelines = pipelines;
        this.ticker = ticker;
    }

    /** An account's line, brought level with the others if it was idle. */
    Line of(Share share) {
        long now = ticker.read();
        lines.values().removeIf(line -> !line.isActive() && !isKept(line, now));
        Line line = lines.computeIfAbsent(share.account(), Line::new);
        if (!line.isActive()) {
            double least = lines.values().stream().filter(Line::isActive).mapToDouble(Line::received).min()
                    .orElse(level);
            line.served = Math.max(line.served, least);
        }
        line.weight = share.weight();
        line.lastActiveNanos = now;
        return line;
    }

    /** It was served until now. */
    void touch(Line line) {
        line.lastActiveNanos = ticker.read();
    }

    int waiting() {
        return lines.values().stream().mapToInt(line -> line.waiting.size()).sum();
    }

    /**
     * Takes the next turn out of its line, if there is a slot for it. It keeps its place until the machines are about to come to it, but for
     * those who go first anyway.
     */
    Optional<Turn> next(int freeSlots) {
        if (freeSlots < 1) {
            return Optional.empty();
        }
        List<Line> inOrder = lines.values().stream().filter(line -> !line.waiting.isEmpty())
                // Level with the others, who comes back goes before who has slots already.
                .sorted(Comparator.comparingDouble((Line line) -> line.served)
                        .thenComparingInt(line -> line.running.size())
                        .thenComparingLong(line -> line.waiting.getFirst().number()))
                .toList();
        Optional<Line> next = inOrder.stream().findFirst().filter(line -> isReadSoon(line.waiting.getFirst()))
                .or(() -> inOrder.stream().filter(this::goesFirst).findFirst());
        next.ifPresent(line -> level = Math.max(level, line.served));
        return next.map(line -> line.waiting.removeFirst());
    }

    private boolean isReadSoon(Turn turn) {
        int[] unread = lines.values().stream().flatMap(line -> line.running.stream()).mapToInt(Turn::unreadTokens)
                .filter(tokens -> tokens > 0).toArray();
        // Somebody has nothing to read, or all will soon have nothing.
        return unread.length < pipelines.getAsInt()
                || IntStream.of(unread).sum() + turn.promptTokens() <= READ_AHEAD_TOKENS * pipelines.getAsInt();
    }

    /** Who waits for its first slot, and was served least for its weight, of those for whom another's answer is to give its slot up. */
    Optional<Exchange> exchange() {
        return lines.values().stream()
                .filter(line -> !line.waiting.isEmpty() && line.waiting.getFirst().mayTakeAnothersSlot())
                .sorted(Comparator.comparingDouble(Line::received)
                        .thenComparingLong(line -> line.waiting.getFirst().number()))
                .flatMap(line -> leaver(line).map(leaver -> new Exchange(line.waiting.getFirst(), leaver)).stream())
                .findFirst();
    }

    /** Of the account with most slots for its weight, the answer that began last: it has least to read again. */
    private Optional<Turn> leaver(Line comer) {
        return lines.values().stream()
                .filter(line -> goesAfter(line, comer) && line.hasMoreThan(comer)
                        && line.running.stream().anyMatch(Turn::canGiveWay))
                .max(Comparator.comparingDouble((Line line) -> line.running.size() / (double) line.weight)
                        .thenComparingDouble(Line::received))
                .flatMap(line -> line.running.reversed().stream().filter(Turn::canGiveWay).findFirst());
    }

    /** Whether this account asks for few answers, and somebody for more who was served as much. */
    boolean goesFirst(Line line) {
        return lines.values().stream().anyMatch(flood -> goesAfter(flood, line));
    }

    /** Accounts that ask for many alike take turns, and nobody's answers give way. */
    private boolean goesAfter(Line many, Line few) {
        return many.asksForMoreThan(few) && few.wanted() <= Math.max(FEW, share(few));
    }

    /** Slots that it would have if all were given out by weight now. */
    private int share(Line line) {
        int weights = lines.values().stream().filter(Line::isActive).mapToInt(active -> active.weight).sum();
        return (int) ((long) limits.slots() * pipelines.getAsInt() * line.weight / Math.max(1, weights));
    }

    private boolean isKept(Line line, long now) {
        return now - line.lastActiveNanos < limits.kept().toNanos();
    }
}
