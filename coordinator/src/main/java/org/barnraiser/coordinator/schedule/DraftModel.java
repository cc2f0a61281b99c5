package org.barnraiser.coordinator.schedule;

import com.google.common.base.Ticker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;
import org.jspecify.annotations.Nullable;

/**
 * What a driver knows of a draft model: a small one with the same vocabulary, whole in a pipeline of a single stage, which guesses how
 * sequences go on. A state machine like the driver, and called from the same thread. Whatever becomes of the draft model, it
 * costs no answer more than a short wait.
 */
/*
 * A sequence has the same slot there as in the driver's own pipeline, and the same sampler: where the draft model finds the same tokens
 * likely, it also draws the same ones. Who asks waits until the guesses are there. One step is on its way at a time; who asks meanwhile
 * shares the next one. Who has many tokens that the draft model does not know yet, as every sequence has at first, does not wait: they are read
 * in the background, in small steps between the others.
 */
final class DraftModel {
    /** Who lacks more than these tokens there goes on without guesses until they are read. */
    static final int MOST_UNREAD = 32;
    /** So many steps that fail one after the other are enough. */
    static final int MOST_FAILURES = 3;
    private static final int CHUNK = 64;
    /** Nobody waits longer than this many times what such guesses usually take ... */
    private static final int PATIENCE = 4;
    private static final long LEAST_PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** ... or, as long as that is not known, this long. */
    private static final long FIRST_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final long epoch;
    private final DriverLimits limits;
    private final int contextTokens;
    private final Ticker ticker;
    private final int mostUnread;
    private final @Nullable DraftSlot[] slots;
    /** What the stage may hold in slots whose sequence has ended, to be dropped by the next step. */
    private final List<Integer> left = new ArrayList<>();
    private final SequencedMap<Sequence, Wish> waiting = new LinkedHashMap<>();
    private final List<Sequence> reading = new ArrayList<>();
    private final StageCurve times = StageCurve.ofStage();
    private final Acceptance acceptance = new Acceptance();
    private @Nullable Sent inFlight;
    private boolean hasJustRead;
    private long lastStepNumber;
    private int failures;

    /** Somebody waits for so many guesses. */
    private record Wish(int count, long sinceNanos) {}

    private record Part(Sequence sequence, DraftSlot slot, int wanted) {}

    /** A step on its way. */
    private record Sent(long number, long sentNanos, Map<Integer, Part> bySlot) {
        int wanted() {
            return bySlot.values().stream().mapToInt(Part::wanted).max().orElse(0);
        }
    }

    /**
     * A draft model whose caches are empty.
     *
     * @param limits of the pipeline that it guesses for, and with which it was loaded
     * @param contextTokens positions that it can use
     */
    DraftModel(long epoch, DriverLimits limits, int contextTokens, Ticker ticker) {
        this.epoch = epoch;
        this.limits = limits;
        this.contextTokens = contextTokens;
        this.ticker = ticker;
        mostUnread = Math.min(MOST_UNREAD, limits.maxStepTokens());
        slots = new @Nullable DraftSlot[limits.cacheSlots()];
    }

    /** How its guesses for a sequence have fared; for a new one as they have for others. */
    Acceptance acceptance(Sequence sequence) {
        DraftSlot slot = slotOf(sequence);
        slot.settle(acceptance);
        return slot.acceptance();
    }

    /** A token of a sequence comes without having been asked for here: what was bad is tried again one day. */
    void fade(Sequence sequence) {
        acceptance(sequence).fade();
        acceptance.fade();
    }

    /** How long so many guesses take, from asking to knowing; 0 while that is not known. */
    double micros(int guesses) {
        return times.micros(guesses);
    }

    /** Asks for guesses; when this is true, the sequence is to wait until it is given back. */
    boolean ask(Sequence sequence, int count) {
        DraftSlot slot = slotOf(sequence);
        if (slot.isRefused() || isOnItsWay(sequence) || sequence.length() + count > contextTokens) {
            return false;
        }
        slot.settle(acceptance);
        if (slot.unread() > mostUnread) {
            if (!reading.contains(sequence)) {
                reading.add(sequence);
            }
            return false;
        }
        reading.remove(sequence);
        waiting.put(sequence, new Wish(count, ticker.read()));
        return true;
    }

    private boolean isOnItsWay(Sequence sequence) {
        return inFlight != null && inFlight.bySlot().containsKey(sequence.slot());
    }

    private DraftSlot slotOf(Sequence sequence) {
        DraftSlot slot = slots[sequence.slot()];
        if (slot == null || slot.owner() != sequence) {
            slot = new DraftSlot(sequence, new Acceptance(acceptance.probability()));
            slots[sequence.slot()] = slot;
            left.add(sequence.slot());
        }
        return slot;
    }

    /** The sequence waits no longer; it is not given back. */
    void leave(Sequence sequence) {
        waiting.remove(sequence);
        reading.remove(sequence);
    }

    /** The sequence has ended, and so has all that is known of it here. */
    void release(Sequence sequence) {
        leave(sequence);
        int slot = sequence.slot();
        DraftSlot held = slot < 0 ? null : slots[slot];
        if (held != null && held.owner() == sequence) {
            slots[slot] = null;
            left.add(slot);
        }
    }

    /** The next step to send, which then counts as sent; empty when there is nothing to do or one is on its way. */
    Optional<Step> nextStep() {
        if (inFlight != null || (waiting.isEmpty() && reading.isEmpty())) {
            return Optional.empty();
        }
        var step = Step.newBuilder().setEpoch(epoch).setNumber(lastStepNumber + 1);
        left.stream().distinct().forEach(slot -> step.addEdits(DraftSlot.drop(slot, 0)));
        Map<Integer, Part> parts = new HashMap<>();
        if (waiting.isEmpty() || (!reading.isEmpty() && !hasJustRead)) {
            read(step, parts);
        } else {
            draft(step, parts);
        }
        if (parts.isEmpty()) {
            return Optional.empty();
        }
        left.clear();
        inFlight = new Sent(++lastStepNumber, ticker.read(), parts);
        return Optional.of(step.build());
    }

    private void read(Step.Builder step, Map<Integer, Part> parts) {
        hasJustRead = true;
        Sequence sequence = reading.getFirst();
        DraftSlot slot = slotOf(sequence);
        slot.settle(acceptance);
        slot.feed(step, Math.min(CHUNK, Math.min(slot.unread() - 1, limits.maxStepTokens())), 0);
        parts.put(sequence.slot(), new Part(sequence, slot, 0));
        if (slot.unread() <= mostUnread) {
            reading.removeFirst();
        }
    }

    private void draft(Step.Builder step, Map<Integer, Part> parts) {
        hasJustRead = false;
        for (Map.Entry<Sequence, Wish> wish : waiting.entrySet()) {
            Sequence sequence = wish.getKey();
            DraftSlot slot = slotOf(sequence);
            if (step.getTokensCount() + slot.unread() <= limits.maxStepTokens()) {
                slot.feed(step, slot.unread(), wish.getValue().count());
                parts.put(sequence.slot(), new Part(sequence, slot, wish.getValue().count()));
            }
        }
    }

    /**
     * Takes in what has become of the step on its way.
     *
     * @return those who have waited for it and go on, with guesses or without
     */
    List<Sequence> onResult(StepResult result) {
        Sent sent = inFlight;
        if (sent == null || result.getEpoch() != epoch || result.getNumber() != sent.number()) {
            return List.of();
        }
        inFlight = null;
        if (result.hasFailure()) {
            failures++;
            forgetAll();
            return giveUp();
        }
        failures = 0;
        if (sent.wanted() > 0) {
            times.learn(sent.wanted(), TimeUnit.NANOSECONDS.toMicros(ticker.read() - sent.sentNanos()));
        }
        for (SpanResult answer : result.getSpansList()) {
            Part part = sent.bySlot().get(answer.getSlot());
            if (part != null && part.wanted() > 0) {
                part.slot().onAnswer(answer, part.wanted());
            }
        }
        List<Sequence> served = new ArrayList<>();
        for (Part part : sent.bySlot().values()) {
            if (part.wanted() > 0 && waiting.remove(part.sequence()) != null) {
                part.sequence().propose(part.slot().guesses());
                served.add(part.sequence());
            }
        }
        return served;
    }

    /** The stage may hold anything: all slots are read anew. */
    private void forgetAll() {
        for (int slot = 0; slot < slots.length; slot++) {
            DraftSlot held = slots[slot];
            if (held != null) {
                slots[slot] = new DraftSlot(held.owner(), held.acceptance());
            }
            left.add(slot);
        }
    }

    /** Whether it fails too often to be asked again. */
    boolean isHopeless() {
        return failures >= MOST_FAILURES;
    }

    /** Nanoseconds until {@link #expire()} has something to give back; {@code Long.MAX_VALUE} while nobody waits. */
    long nanosToPatience() {
        long now = ticker.read();
        return waiting.values().stream().mapToLong(wish -> wish.sinceNanos() + patienceNanos(wish.count()) - now).min()
                .orElse(Long.MAX_VALUE);
    }

    private long patienceNanos(int count) {
        double usual = times.micros(count);
        return usual == 0
                ? FIRST_PATIENCE_NANOS
                : Math.max(LEAST_PATIENCE_NANOS, (long) (PATIENCE * 1000 * usual));
    }

    /** Those who have waited too long and go on without guesses. */
    List<Sequence> expire() {
        long now = ticker.read();
        List<Sequence> late = new ArrayList<>();
        for (Iterator<Map.Entry<Sequence, Wish>> wishes = waiting.entrySet().iterator(); wishes.hasNext();) {
            Map.Entry<Sequence, Wish> wish = wishes.next();
            if (now - wish.getValue().sinceNanos() >= patienceNanos(wish.getValue().count())) {
                late.add(wish.getKey());
                wishes.remove();
            }
        }
        return late;
    }

    /** All that wait; they go on without guesses. */
    List<Sequence> giveUp() {
        List<Sequence> all = List.copyOf(waiting.keySet());
        waiting.clear();
        return all;
    }

    /** Sequences of which anything is known here, for tests. */
    long sequences() {
        return Arrays.stream(slots).filter(slot -> slot != null).count();
    }
}
