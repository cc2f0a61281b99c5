package org.barnraiser.coordinator.schedule;

import com.google.common.base.Ticker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
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
 * ones. With a slot it is *prefilling* until all of its prompt is in steps, and from then on it alternates between
 * *sampling* (its last known token is in a step on its way) and *ready* (the sampled token has arrived and can be fed). Thus
 * a sequence has at most one sample in flight, but several chunks of its prompt may follow each other down the pipeline.
 *
 * Cells. All slots share cacheTokens cells, and a stage whose cache overflows can only fail the step. So a sequence is
 * promised, before it starts, all the cells that it may come to use: its prompt and its token limit, which the context
 * bounds. A running sequence can then never fail for want of cells. The price is that a reader who asks for many tokens and
 * uses few keeps others waiting; growing a promise step by step would need a way to put sequences aside.
 *
 * What goes into a step. First the drops of slots whose sequences have ended, even if nothing else is to do: cells that
 * nobody needs slow every later step down. Then the tokens of ready sequences, longest ready first; then, up to the token
 * budget, prompts in order of admission. A ready sequence therefore never waits for prompts, and since maxStepTokens >=
 * slots, ready sequences always leave a token for a prompt. With S steps in flight and A sequences that generate, a step
 * takes at most ceil(A / S) ready ones: otherwise those that meet once in a step would stay together for ever, and all
 * stages but one would wait for that one clump.
 *
 * Slots are reused while steps of their former sequence are still on their way. This is safe because stages apply edits and
 * spans in the order of steps, and because a result is matched by step number to the sequences that were put into that
 * step, never by slot to the slot's present owner. Results for sequences that have ended are ignored.
 *
 * Failures. A span that failed ends its sequence. A step that failed ends the step's sequences: their caches differ from
 * stage to stage now, and dropping their slots makes them equal again. Chunks of such a sequence that are already on their
 * way may fail their steps as well. Results that answer no step in flight are late echoes of the past and are ignored; a
 * result that skips a step or contradicts it means that the tail and the driver no longer agree about the caches, and then
 * the pipeline is lost: every sequence ends, and nothing is sent any more. So is a pipeline that has work and stays silent.
 *
 * A sequence keeps its tokens, because tokens and sampling parameters are all that is needed to rebuild it on any other
 * pipeline: see resumableSequences().
 */
public final class Driver {
    /** A queue moves on, and a plan is made anew, within about this time. */
    static final int RETRY_AFTER_SECONDS = 5;
    private static final int MAX_REASON_LENGTH = 500;

    private final long epoch;
    private final DriverLimits limits;
    private final Ticker ticker;
    private final Slots slots;
    private final PipelineTotals totals = new PipelineTotals();

    private final SequencedSet<Sequence> waiting = new LinkedHashSet<>();
    /** Those with a slot; each is prefilling, ready or sampling. */
    private final SequencedSet<Sequence> running = new LinkedHashSet<>();
    private final SequencedSet<Sequence> prefilling = new LinkedHashSet<>();
    private final SequencedSet<Sequence> ready = new LinkedHashSet<>();

    private final Queue<SentStep> inFlight = new ArrayDeque<>();
    private long lastStepNumber;
    private long lastProgressNanos;
    private @Nullable String lostReason;

    /**
     * A driver for a pipeline whose caches are empty.
     *
     * @param epoch of the plan; steps carry it, and results of another one are ignored
     * @param ticker for the deadline of results
     */
    public Driver(long epoch, DriverLimits limits, Ticker ticker) {
        this.epoch = epoch;
        this.limits = limits;
        this.ticker = ticker;
        slots = new Slots(limits.slots(), limits.cacheTokens());
    }

    /**
     * Takes a sequence in; its steps come from {@link #nextStep()}.
     *
     * @throws PromptTooLongException when the context has no room for an answer
     * @throws ModelUnavailableException when the queue is full or the pipeline is lost
     */
    public Generation submit(GenerationRequest request, GenerationListener listener) throws ModelUnavailableException {
        limits.checkPrompt(request);
        if (lostReason != null) {
            throw new ModelUnavailableException(lostReason, RETRY_AFTER_SECONDS);
        }
        if (running.size() + waiting.size() >= limits.maxSequences()) {
            throw queueFull();
        }
        noteWork();
        Sequence sequence = new Sequence(request, limits.tokenLimit(request), listener);
        waiting.add(sequence);
        admit();
        return () -> end(sequence, new GenerationEnd.Cancelled());
    }

    static ModelUnavailableException queueFull() {
        return ModelUnavailableException.queueFull(
                "Too many readers are waiting for an answer already; try again in a few seconds.", RETRY_AFTER_SECONDS);
    }

    /** Gives slots to those that wait, in order, until the first one that does not fit. */
    private void admit() {
        while (!waiting.isEmpty() && slots.tryAllot(waiting.getFirst())) {
            Sequence sequence = waiting.removeFirst();
            running.add(sequence);
            prefilling.add(sequence);
        }
    }

    /** The next step to send, which then counts as sent; empty when there is nothing to do or too much is in flight. */
    public Optional<Step> nextStep() {
        if (lostReason != null || inFlight.size() >= limits.maxStepsInFlight()) {
            return Optional.empty();
        }
        StepBuilder step = new StepBuilder(epoch, lastStepNumber + 1, limits.maxStepTokens());
        slots.takeUndropped().forEach(step::drop);
        for (int left = readySequencesPerStep(); left > 0 && !ready.isEmpty(); left--) {
            step.feed(ready.removeFirst());
        }
        while (step.room() > 0 && !prefilling.isEmpty()) {
            Sequence sequence = prefilling.getFirst();
            step.feed(sequence);
            if (sequence.unplannedTokens() == 0) {
                prefilling.remove(sequence);
            }
        }
        if (step.isEmpty()) {
            return Optional.empty();
        }
        noteWork();
        inFlight.add(step.sent());
        lastStepNumber++;
        return Optional.of(step.step());
    }

    private int readySequencesPerStep() {
        return Math.ceilDiv(running.size() - prefilling.size(), limits.maxStepsInFlight());
    }

    /** Takes in what the tail says of the oldest step in flight. */
    public void onResult(StepResult result) {
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
            lastProgressNanos = ticker.read();
            totals.count(oldest, result);
            for (SentSpan span : oldest.spans()) {
                SpanResult answer = answers.get(span.slot());
                if (result.hasFailure()) {
                    end(span.sequence(), failed(result.getFailure().getReason(), true));
                } else if (answer != null) {
                    onAnswer(span.sequence(), answer);
                }
            }
        } catch (PipelineProtocolException e) {
            onPipelineLost(e.reason());
        }
    }

    private void onAnswer(Sequence sequence, SpanResult answer) {
        if (sequence.hasEnded()) {
            return;
        }
        if (!answer.getFailure().isEmpty()) {
            end(sequence, failed(answer.getFailure(), false));
            return;
        }
        SampledToken token = answer.getSampled(0);
        if (token.getEndOfGeneration()) {
            end(sequence, new GenerationEnd.EndOfGeneration());
            return;
        }
        sequence.append(token.getToken());
        sequence.keepMirostatMu(answer.getMirostatMu());
        totals.countGeneratedToken();
        if (!sequence.hasReachedLimit()) {
            ready.add(sequence);
        }
        sequence.listener().onToken(token);
        if (sequence.hasReachedLimit()) {
            end(sequence, new GenerationEnd.Length());
        }
    }

    private static GenerationEnd failed(String reason, boolean retryable) {
        if (reason.isBlank()) {
            return new GenerationEnd.Failed("A stage failed and gave no reason.", retryable);
        }
        return new GenerationEnd.Failed(reason.substring(0, Math.min(reason.length(), MAX_REASON_LENGTH)), retryable);
    }

    /** Ends a sequence once, however often it is asked to; its slot is free for planning at once. */
    private void end(Sequence sequence, GenerationEnd end) {
        if (sequence.hasEnded()) {
            return;
        }
        sequence.markEnded();
        waiting.remove(sequence);
        prefilling.remove(sequence);
        ready.remove(sequence);
        if (running.remove(sequence)) {
            slots.release(sequence);
        }
        if (lostReason == null) {
            admit();
        }
        sequence.listener().onEnd(end);
    }

    /** Ends every sequence; nothing is sent and nothing is taken in from now on. Only the first call counts. */
    public void onPipelineLost(String reason) {
        if (lostReason != null) {
            return;
        }
        lostReason = reason;
        inFlight.clear();
        for (Sequence sequence : sequences()) {
            end(sequence, failed(reason, true));
        }
    }

    /** Why the pipeline is lost, if it is. */
    public Optional<String> lostReason() {
        return Optional.ofNullable(lostReason);
    }

    /** Declares the pipeline lost when it has had work and given no result for too long. */
    public void checkDeadline() {
        if (nanosToDeadline() <= 0) {
            onPipelineLost("The pipeline gave no result for " + limits.stepTimeoutMillis() + " ms.");
        }
    }

    /** Nanoseconds until {@link #checkDeadline()} would find the pipeline lost; {@code Long.MAX_VALUE} while it is idle. */
    public long nanosToDeadline() {
        if (isIdle()) {
            return Long.MAX_VALUE;
        }
        return TimeUnit.MILLISECONDS.toNanos(limits.stepTimeoutMillis()) - (ticker.read() - lastProgressNanos);
    }

    /** To be called before work is added: the deadline of a pipeline that was idle starts now. */
    private void noteWork() {
        if (isIdle()) {
            lastProgressNanos = ticker.read();
        }
    }

    private boolean isIdle() {
        return running.isEmpty() && waiting.isEmpty() && inFlight.isEmpty();
    }

    /** All sequences that have not ended, in order of arrival, with all that is needed to go on with them elsewhere. */
    public List<ResumableSequence> resumableSequences() {
        return sequences().stream().map(Sequence::resumable).toList();
    }

    private List<Sequence> sequences() {
        List<Sequence> sequences = new ArrayList<>(running);
        sequences.addAll(waiting);
        return sequences;
    }

    public PipelineStatistics statistics() {
        return totals.snapshot(running.size(), waiting.size(), inFlight.size());
    }
}
