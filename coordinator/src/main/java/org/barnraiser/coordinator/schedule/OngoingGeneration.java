package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.time.Duration;
import java.util.Arrays;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.proto.SampledToken;
import org.jspecify.annotations.Nullable;

/**
 * One answer across the runners that come and go: what it asked for, the tokens heard, and who is at it now. Everything is guarded by
 * the lock of its {@link Generations}, but for the delivery of its outbox.
 */
final class OngoingGeneration {
    private final GenerationRequest request;
    private final int tokenLimit;
    private final Outbox outbox;
    private final Duration patience;
    private int[] generated = new int[16];
    private int generatedCount;
    private float mirostatMu;
    private boolean ended;

    /** The runner that has it now. */
    private @Nullable Attempt attempt;
    /** The last one that gave it back. */
    private @Nullable Attempt failed;
    private boolean resting;
    private boolean aside;
    private boolean toldReused;

    private Duration patienceLeft;
    private long waitingSinceNanos;
    private @Nullable Runnable callOffPatience;
    /** Why it is paused, in the words that the listener heard last; null when it heard of no pause. */
    private @Nullable String toldReason;

    OngoingGeneration(GenerationRequest request, GenerationLimits limits, GenerationListener listener,
            Runnable onThrown) {
        this.request = request;
        tokenLimit = Math.min(request.maxTokens(), limits.contextTokens() - request.promptTokens().length());
        outbox = new Outbox(listener, onThrown);
        patience = limits.patience();
        patienceLeft = patience;
    }

    void deliver() {
        outbox.deliver();
    }

    /** The position of its next token. */
    int length() {
        return request.promptTokens().length() + generatedCount;
    }

    boolean hasReachedLimit() {
        return generatedCount >= tokenLimit;
    }

    boolean hasEnded() {
        return ended;
    }

    boolean isPaused() {
        return attempt == null;
    }

    /** Whether the next runner that has room should get it. */
    boolean wantsRunner() {
        return attempt == null && !resting && !aside && !ended;
    }

    boolean isRunBy(Attempt candidate) {
        return attempt == candidate;
    }

    /** The runner's part so far, if one is at it. */
    @Nullable
    Attempt attempt() {
        return attempt;
    }

    Attempt begin(Attempt next) {
        attempt = next;
        return next;
    }

    /** How the attempt that begins now follows those before. */
    @Nullable
    Attempt lastFailed() {
        return failed;
    }

    /** Nobody is at it any more. */
    void leave() {
        attempt = null;
    }

    /** The runner gave it back. */
    void fail(Attempt lost) {
        attempt = null;
        failed = lost;
    }

    void rest(boolean rests) {
        resting = rests;
    }

    /** Whether it stands aside for others, whatever runner there is. */
    void stand(boolean standsAside) {
        aside = standsAside;
    }

    boolean isAside() {
        return aside;
    }

    /** Of its prompt and of its answer so far. */
    ImmutableIntArray tokens() {
        return generatedCount == 0
                ? request.promptTokens()
                : ImmutableIntArray.builder(length()).addAll(request.promptTokens())
                        .addAll(ImmutableIntArray.copyOf(Arrays.copyOf(generated, generatedCount))).build();
    }

    ResumableSequence resumable() {
        return new ResumableSequence(tokens(), request.promptTokens().length(), tokenLimit - generatedCount,
                request.sampling(), mirostatMu, request.readFirst());
    }

    void hear(SampledToken token, float mirostatMuAfterIt) {
        if (generatedCount == generated.length) {
            generated = Arrays.copyOf(generated, 2 * generatedCount);
        }
        generated[generatedCount++] = token.getToken();
        mirostatMu = mirostatMuAfterIt;
        patienceLeft = patience;
        if (toldReason != null) {
            toldReason = null;
            outbox.post(GenerationListener::onResume);
        }
        outbox.post(listener -> listener.onToken(token));
    }

    void tellReading(int tokens) {
        outbox.post(listener -> listener.onReading(tokens));
    }

    /**
     * It is read from here on.
     *
     * @param tokens reused; only what the first runner saved counts: all that others remember is a part of what was computed before
     */
    void tellReused(int tokens) {
        tellReading(0);
        if (!toldReused) {
            toldReused = true;
            outbox.post(listener -> listener.onPromptReused(tokens));
        }
    }

    void tellGuessed(int guesses, int right) {
        outbox.post(listener -> listener.onGuessed(guesses, right));
    }

    /** Tells the listener that it is paused, or why now, unless it knows. */
    void tellPause(String reason) {
        if (!reason.equals(toldReason)) {
            toldReason = reason;
            outbox.post(listener -> listener.onPause(reason));
        }
    }

    /** Whether the listener believes it to be paused. */
    boolean isToldPaused() {
        return toldReason != null;
    }

    /** Begins to wait for a runner, unless it does already. */
    void startWaiting(long nowNanos, Alarm alarm, Runnable onPatienceOver) {
        if (callOffPatience == null) {
            waitingSinceNanos = nowNanos;
            callOffPatience = alarm.ring(patienceLeft, onPatienceOver);
        }
    }

    void stopWaiting(long nowNanos) {
        if (callOffPatience != null) {
            callOffPatience.run();
            callOffPatience = null;
            patienceLeft = patienceLeft.minusNanos(nowNanos - waitingSinceNanos);
            if (patienceLeft.isNegative()) {
                patienceLeft = Duration.ZERO;
            }
        }
    }

    /** Whether all its patience has been used up by now. */
    boolean isOutOfPatience(long nowNanos) {
        return callOffPatience != null && patienceLeft.minusNanos(nowNanos - waitingSinceNanos).compareTo(
                Duration.ZERO) <= 0;
    }

    void end(GenerationEnd end) {
        ended = true;
        attempt = null;
        outbox.post(listener -> listener.onEnd(end));
    }
}
