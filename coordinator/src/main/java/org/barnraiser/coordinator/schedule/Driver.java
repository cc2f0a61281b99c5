package org.barnraiser.coordinator.schedule;

import com.google.common.base.Ticker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.schedule.SentStep.SentSpan;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;
import org.jspecify.annotations.Nullable;

/**
 * Drives one pipeline under one plan epoch: owns its sequences, its slots and its steps.
 *
 * <p>It is a state machine and nothing else: no threads, no network, no waiting. The owner calls it from one thread at a
 * time, asks for {@link #nextStep()} whenever the pipeline can take a step, and brings every result to {@link #onResult}.
 * Listeners are called from within these calls, after the state has changed, so they may call back.
 */
/*
 * A sequence's life. submit() takes a sequence in, as long as fewer than slots + maxWaiting are there. It waits, first come
 * first served, for a free slot and for enough KV cells; nobody overtakes, so a large request cannot be starved by small
 * ones. Only those that were begun elsewhere go before those that were not: their readers have begun to read. With a slot it is *prefilling* until all of its prompt is in steps, and from then on it alternates between
 * *sampling* (its last known token is in a step on its way) and *ready* (the sampled token has arrived and can be fed). Thus
 * a sequence has at most one sample in flight, but several chunks of its prompt may follow each other down the pipeline.
 *
 * Cells. All slots share cacheTokens cells, and a stage whose cache overflows can only fail the step. So a sequence is
 * promised, before it starts, all the cells that it may come to use: its prompt and its token limit, which the context
 * bounds. A running sequence can then never fail for want of cells. The price is that a reader who asks for many tokens and
 * uses few keeps others waiting; growing a promise step by step would need a way to put sequences aside.
 *
 * What goes into a step. First the drops of what is not kept any longer (see Slots), even if nothing else is to do: cells that
 * nobody needs slow every later step down. Then tokens of ready sequences and of prompts (see Feeding). Ready ones go in groups that are
 * spread over the steps in flight: otherwise those that meet once in a step would stay together for ever, and all stages but one would
 * wait for that one clump.
 *
 * Drafts. A ready sequence may feed guesses behind its token (see Guessing). The tail samples behind each of them until one differs from
 * what it sampled, and since it would have sampled the same without them, the answer is the same. Guesses that were right are in the
 * caches already; those that were wrong are dropped by an edit of the next step, before anybody feeds this slot again. A sequence never
 * guesses beyond its token limit, so the cells that it was promised are enough.
 *
 * Slots are reused while steps of their former sequence are still on their way. This is safe because stages apply edits and
 * spans in the order of steps, and because a result is matched by step number to the sequences that were put into that
 * step, never by slot to the slot's present owner. Results for sequences that have ended are ignored.
 *
 * Failures. A span that failed, its grammar say, ends its sequence. A step that failed makes the step's sequences start over
 * in their slots: the caches differ from stage to stage now, dropping the slots makes them equal again, and tokens and
 * sampling parameters are all that is needed to rebuild them, so a reader only waits a little longer. Chunks of such a
 * sequence that are already on their way may fail their steps as well; these echoes count for nothing. A sequence that fails
 * again and again while others get on ends with an error. When nobody gets on, the pipeline is to blame and is lost. Results
 * that answer no step in flight are late echoes of the past and are ignored; a result that skips a step or contradicts it
 * means that the tail and the driver no longer agree about the caches, and then the pipeline is lost as well: every sequence
 * is given back, and nothing is sent any more. So is a pipeline that has work and stays silent.
 */
public final class Driver {
    /** A queue moves on, and a plan is made anew, within about this time. */
    static final int RETRY_AFTER_SECONDS = 5;
    /** So often a sequence starts over without a token in between, while others get on. */
    static final int MAX_FAILURES_OF_A_SEQUENCE = 3;
    /** So many failed steps without a good one in between are the pipeline's fault. */
    static final int MAX_FAILURES_IN_A_ROW = 3;
    private static final int MAX_REASON_LENGTH = 500;

    private final long epoch;
    private final DriverLimits limits;
    private final Ticker ticker;
    private final Slots slots;
    private final ResultDeadline deadline;
    private final PipelineTotals totals = new PipelineTotals();

    /** Begun elsewhere, and waiting for a slot; they go before {@link #waiting}. */
    private final SequencedSet<Sequence> resuming = new LinkedHashSet<>();
    private final SequencedSet<Sequence> waiting = new LinkedHashSet<>();
    /** Those with a slot; each is prefilling, ready or sampling, and {@link #feeding} knows which. */
    private final SequencedSet<Sequence> running = new LinkedHashSet<>();

    private final StepTimes times = new StepTimes();
    private final Feeding feeding;

    private final Queue<SentStep> inFlight = new ArrayDeque<>();
    private long lastStepNumber;
    private int tokensInFlight;
    private int failuresInARow;
    /** Failures up to this step may be echoes of one that is known. */
    private long lastEchoNumber;
    private @Nullable String lostReason;

    /**
     * A driver for a pipeline whose caches are empty.
     *
     * @param epoch of the plan; steps carry it, and results of another one are ignored
     * @param ticker for the deadline of results
     */
    public Driver(long epoch, DriverLimits limits, Ticker ticker) {
        this(epoch, limits, ticker, new PromptLookup());
    }

    /** @param drafter for limits that allow guesses */
    Driver(long epoch, DriverLimits limits, Ticker ticker, Drafter drafter) {
        this.epoch = epoch;
        this.limits = limits;
        this.ticker = ticker;
        deadline = new ResultDeadline(ticker, limits);
        slots = new Slots(limits.slots(), limits.cacheSlots(), limits.cacheTokens(),
                limits.remember() ? OptionalInt.of(limits.contextTokens()) : OptionalInt.empty());
        feeding = new Feeding(limits, times, drafter);
    }

    /**
     * Takes a sequence in; its steps come from {@link #nextStep()}. Its listener's {@link SequenceListener#onInterrupted} comes when the
     * pipeline is lost, and then {@link #lostReason()} is there already.
     *
     * @throws PromptTooLongException when the context has no room for an answer
     * @throws ModelUnavailableException when the queue is full or the pipeline is lost
     */
    public Generation submit(ResumableSequence known, SequenceListener listener) throws ModelUnavailableException {
        limits.checkRoom(known);
        if (lostReason != null) {
            throw new ModelUnavailableException(lostReason, RETRY_AFTER_SECONDS);
        }
        if (running.size() + waitingCount() >= limits.maxSequences()) {
            throw queueFull();
        }
        noteWork();
        Sequence sequence = new Sequence(known, limits.tokenLimit(known), listener);
        (sequence.isResumed() ? resuming : waiting).add(sequence);
        admit();
        return new TakenIn(sequence, () -> end(sequence, new GenerationEnd.Cancelled()));
    }

    static ModelUnavailableException queueFull() {
        return ModelUnavailableException.queueFull(
                "Too many readers are waiting for an answer already; try again in a few seconds.", RETRY_AFTER_SECONDS);
    }

    /** Gives slots to those that wait, in order, until the first one that does not fit. */
    private void admit() {
        for (SequencedSet<Sequence> next = nextInLine(); !next.isEmpty()
                && slots.tryAllot(next.getFirst()); next = nextInLine()) {
            Sequence sequence = next.removeFirst();
            running.add(sequence);
            feeding.begin(sequence);
        }
    }

    private SequencedSet<Sequence> nextInLine() {
        return resuming.isEmpty() ? waiting : resuming;
    }

    private int waitingCount() {
        return resuming.size() + waiting.size();
    }

    /** The next step to send, which then counts as sent; empty when there is nothing to do or too much is in flight. */
    public Optional<Step> nextStep() {
        if (lostReason != null || inFlight.size() >= limits.maxStepsInFlight()) {
            return Optional.empty();
        }
        StepBuilder step = new StepBuilder(epoch, lastStepNumber + 1, limits.maxStepTokens());
        slots.takeEdits().forEach(step::edit);
        List<Sequence> begun = new ArrayList<>();
        feeding.fill(step, running, inFlight, sequence -> begin(sequence, step, begun));
        if (step.isEmpty()) {
            return Optional.empty();
        }
        noteWork();
        SentStep sent = step.sent(ticker.read(), tokensInFlight);
        tokensInFlight = sent.tokensOnTheirWay();
        inFlight.add(sent);
        lastStepNumber++;
        begun.forEach(sequence -> sequence.listener().onReused(sequence.reusedTokens()));
        sent.tellWhatIsRead();
        return Optional.of(step.step());
    }

    /**
     * Before its first span, a sequence takes over what the caches hold of it already; false when it should rather wait for the next step,
     * as this one computes what both begin with.
     */
    private boolean begin(Sequence sequence, StepBuilder step, List<Sequence> begun) {
        if (slots.isWorthWaiting(sequence, step.number())) {
            return false;
        }
        slots.share(sequence, step.number()).ifPresent(step::edit);
        totals.countReusedTokens(sequence.reusedTokens());
        begun.add(sequence);
        return true;
    }

    /** From now on this model is asked for guesses; null: none is. */
    void ask(@Nullable DraftModel model) {
        feeding.ask(model);
    }

    /** These have waited for a draft model, and go on. */
    void goOn(List<Sequence> waited) {
        feeding.goOn(waited);
    }

    /** Takes in what the tail says of the oldest step in flight. */
    public void onResult(StepResult result) {
        look();
        SentStep oldest = inFlight.peek();
        if (oldest == null || result.getEpoch() != epoch || result.getNumber() < oldest.number()
                || result.getNumber() > lastStepNumber) {
            return;
        }
        if (result.getNumber() != oldest.number()) {
            onPipelineLost("The pipeline left out the result of step " + oldest.number() + ".");
            return;
        }
        try {
            Map<Integer, SpanResult> answers = result.hasFailure() ? Map.of() : oldest.answers(result);
            inFlight.remove();
            tokensInFlight -= oldest.tokenCount();
            deadline.onResult(oldest, !result.hasFailure());
            totals.count(oldest, result);
            if (!result.hasFailure()) {
                times.learn(oldest.tokenCount(), result.getTimingsList(),
                        TimeUnit.NANOSECONDS.toMicros(ticker.read() - oldest.sentNanos()));
            }
            if (result.hasFailure()) {
                onFailure(oldest, sentence(result.getFailure().getReason()));
            } else {
                onAnswers(oldest, answers);
            }
        } catch (PipelineProtocolException e) {
            onPipelineLost(e.reason());
        }
    }

    private void onFailure(SentStep step, String reason) {
        if (step.number() > lastEchoNumber) {
            lastEchoNumber = lastStepNumber;
            failuresInARow++;
        }
        if (failuresInARow >= MAX_FAILURES_IN_A_ROW) {
            onPipelineLost(reason);
            return;
        }
        slots.forgetFrom(step.number());
        for (SentSpan span : step.spans()) {
            if (!span.isOutdated()) {
                startOver(span.sequence(), reason);
            }
        }
        List.copyOf(running).stream().filter(sequence -> sequence.reliesOn(step.number()))
                .forEach(sequence -> startOver(sequence, reason));
    }

    private void startOver(Sequence sequence, String reason) {
        if (sequence.failures() >= MAX_FAILURES_OF_A_SEQUENCE) {
            end(sequence, new GenerationEnd.Failed(reason, false));
            return;
        }
        slots.forget(sequence);
        sequence.startOver();
        feeding.begin(sequence);
    }

    private void onAnswers(SentStep step, Map<Integer, SpanResult> answers) {
        if (!step.spans().isEmpty()) {
            failuresInARow = 0;
        }
        for (SentSpan span : step.spans()) {
            SpanResult answer = answers.get(span.slot());
            if (answer != null && !span.isOutdated()) {
                onAnswer(span, answer);
            }
        }
    }

    private void onAnswer(SentSpan span, SpanResult answer) {
        Sequence sequence = span.sequence();
        if (!answer.getFailure().isEmpty()) {
            end(sequence, new GenerationEnd.Failed(sentence(answer.getFailure()), false));
            return;
        }
        totals.countDrafts(span, answer);
        for (SampledToken token : answer.getSampledList()) {
            if (token.getEndOfGeneration()) {
                end(sequence, new GenerationEnd.EndOfGeneration());
                return;
            }
            sequence.append(token.getToken(), answer.getMirostatMu());
            if (!sequence.isPooled()) {
                totals.countGeneratedToken();
            }
            sequence.listener().onToken(token, answer.getMirostatMu());
            if (sequence.hasReachedLimit()) {
                end(sequence, new GenerationEnd.Length());
            }
            if (sequence.hasEnded()) {
                return;
            }
        }
        slots.settleDrafts(sequence);
        feeding.resume(sequence);
    }

    private static String sentence(String reason) {
        return reason.isBlank()
                ? "A stage failed and gave no reason."
                : reason.substring(0, Math.min(reason.length(), MAX_REASON_LENGTH));
    }

    private void end(Sequence sequence, GenerationEnd end) {
        if (leave(sequence)) {
            sequence.listener().onEnd(end);
        }
    }

    /** Takes a sequence out, once, however often it is asked to; its slot is free for planning at once. */
    private boolean leave(Sequence sequence) {
        if (sequence.hasEnded()) {
            return false;
        }
        sequence.markEnded();
        resuming.remove(sequence);
        waiting.remove(sequence);
        feeding.remove(sequence);
        if (running.remove(sequence)) {
            slots.release(sequence);
        }
        if (lostReason == null) {
            admit();
        }
        return true;
    }

    /** Gives every sequence back; nothing is sent and nothing is taken in from now on. Only the first call counts. */
    public void onPipelineLost(String reason) {
        if (lostReason != null) {
            return;
        }
        lostReason = sentence(reason);
        inFlight.clear();
        for (Sequence sequence : Stream.of(running, resuming, waiting).flatMap(Set::stream).toList()) {
            if (leave(sequence)) {
                sequence.listener().onInterrupted(lostReason);
            }
        }
    }

    /** Why the pipeline is lost, if it is. */
    public Optional<String> lostReason() {
        return Optional.ofNullable(lostReason);
    }

    /** Declares the pipeline lost when it has had work and given no result for too long. */
    public void checkDeadline() {
        look();
        if (nanosToDeadline() <= 0) {
            onPipelineLost("The pipeline gave no result for "
                    + TimeUnit.NANOSECONDS.toMillis(deadline.allowedNanos(inFlight.peek())) + " ms.");
        }
    }

    /**
     * Nanoseconds until {@link #checkDeadline()} would find the pipeline lost; {@code Long.MAX_VALUE} while it is idle. The owner is
     * expected to look again by then.
     */
    public long nanosToDeadline() {
        return isIdle() ? Long.MAX_VALUE : deadline.nanosLeft(inFlight.peek());
    }

    private void look() {
        if (!isIdle()) {
            deadline.onLook(lastStepNumber);
        }
    }

    /** To be called before work is added: the deadline of a pipeline that was idle starts now. */
    private void noteWork() {
        if (isIdle()) {
            deadline.onWork();
        }
    }

    private boolean isIdle() {
        return running.isEmpty() && waitingCount() == 0 && inFlight.isEmpty();
    }

    public PipelineStatistics statistics() {
        return totals.snapshot(running.size(), waitingCount(), inFlight.size(), slots.keptCells());
    }
}
