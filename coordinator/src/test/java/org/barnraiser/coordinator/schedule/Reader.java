package org.barnraiser.coordinator.schedule;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.proto.SampledToken;

/** Remembers what one generation said, whether it hears of a whole answer or of a sequence on one runner. */
class Reader implements GenerationListener, SequenceListener {
    private final List<Integer> tokens = new CopyOnWriteArrayList<>();
    private final List<GenerationEnd> ends = new CopyOnWriteArrayList<>();
    private final List<String> interruptions = new CopyOnWriteArrayList<>();
    private final List<Integer> reused = new CopyOnWriteArrayList<>();
    private final List<List<Integer>> guessed = new CopyOnWriteArrayList<>();
    private final AtomicInteger read = new AtomicInteger();
    private final CountDownLatch ended = new CountDownLatch(1);

    @Override
    public void onToken(SampledToken token) {
        if (hasEnded()) {
            throw new AssertionError("a token after the end");
        }
        tokens.add(token.getToken());
    }

    @Override
    public void onReused(int tokenCount) {
        reused.add(tokenCount);
    }

    @Override
    public void onRead(int tokenCount) {
        read.addAndGet(tokenCount);
    }

    /** Tokens of its prompt that it was told of. */
    int read() {
        return read.get();
    }

    @Override
    public void onPromptReused(int tokenCount) {
        onReused(tokenCount);
    }

    @Override
    public void onGuessed(int guesses, int right) {
        guessed.add(List.of(guesses, right));
    }

    @Override
    public void onToken(SampledToken token, float mirostatMu) {
        onToken(token);
    }

    @Override
    public void onInterrupted(String reason) {
        interruptions.add(reason);
        ended.countDown();
    }

    @Override
    public void onEnd(GenerationEnd end) {
        ends.add(end);
        ended.countDown();
    }

    /** How much it did not have to wait for, once for each time that it began. */
    List<Integer> reused() {
        return reused;
    }

    /** Guesses, and how many of them were right, of each step. */
    List<List<Integer>> guessed() {
        return guessed;
    }

    List<Integer> tokens() {
        return tokens;
    }

    /** Empty while it runs; more than one is an error. */
    List<GenerationEnd> ends() {
        return ends;
    }

    /** Empty while it runs; more than one is an error. */
    List<String> interruptions() {
        return interruptions;
    }

    boolean hasEnded() {
        return !ends.isEmpty() || !interruptions.isEmpty();
    }

    void awaitEnd() {
        try {
            if (!ended.await(20, TimeUnit.SECONDS)) {
                throw new AssertionError("no end");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    void assertHeard(FakeModel.Answer answer) {
        if (!tokens.equals(answer.tokens()) || !ends.equals(List.of(answer.end()))) {
            throw new AssertionError("heard " + tokens + " " + ends + " instead of " + answer);
        }
    }
}
