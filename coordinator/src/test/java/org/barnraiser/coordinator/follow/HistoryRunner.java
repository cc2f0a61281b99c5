package org.barnraiser.coordinator.follow;

import com.google.common.primitives.ImmutableIntArray;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.schedule.ResumableSequence;
import org.barnraiser.coordinator.schedule.SequenceListener;
import org.barnraiser.coordinator.schedule.SequenceRunner;
import org.barnraiser.proto.SampledToken;
import org.jspecify.annotations.Nullable;

/**
 * A greedy model whose next token depends on all tokens before, so that a token that is lost, heard twice or replayed wrongly changes all that
 * follow. It computes as many tokens as the test allows, and then waits.
 */
final class HistoryRunner implements SequenceRunner {
    private static final int VOCABULARY_SIZE = 100;

    private final Semaphore allowed;
    private final Set<Run> running = ConcurrentHashMap.newKeySet();
    private volatile @Nullable String lost;

    HistoryRunner(int allowedTokens) {
        allowed = new Semaphore(allowedTokens);
    }

    /** What an undisturbed answer is. */
    static List<Integer> answer(ImmutableIntArray prompt, int tokens) {
        List<Integer> history = new ArrayList<>(prompt.asList());
        for (int i = 0; i < tokens; i++) {
            history.add(next(history));
        }
        return history.subList(prompt.length(), history.size());
    }

    private static int next(List<Integer> history) {
        return Math.floorMod(history.hashCode(), VOCABULARY_SIZE);
    }

    @Override
    public Generation run(ResumableSequence sequence, SequenceListener listener) throws ModelUnavailableException {
        String reason = lost;
        if (reason != null) {
            throw new ModelUnavailableException(reason, 1);
        }
        Run run = new Run(sequence, listener);
        running.add(run);
        run.thread.start();
        return run;
    }

    /** The pipeline is gone. */
    void lose(String reason) {
        lost = reason;
        running.forEach(run -> run.stop(() -> run.listener.onInterrupted(reason)));
    }

    int runningCount() {
        return running.size();
    }

    private final class Run implements Generation {
        private final SequenceListener listener;
        private final List<Integer> history;
        private final int length;
        private final AtomicBoolean over = new AtomicBoolean();
        private final Thread thread = Thread.ofVirtual().unstarted(this::compute);

        Run(ResumableSequence sequence, SequenceListener listener) {
            this.listener = listener;
            history = new ArrayList<>(sequence.tokens().asList());
            length = history.size() + sequence.remainingTokens();
        }

        private void compute() {
            try {
                while (history.size() < length) {
                    allowed.acquire();
                    int token = next(history);
                    synchronized (over) {
                        if (over.get()) {
                            return;
                        }
                        listener.onToken(SampledToken.newBuilder().setToken(token).setPosition(history.size())
                                .setPiece(ByteString.copyFromUtf8(" " + token)).build(), 0);
                    }
                    history.add(token);
                }
                stop(() -> listener.onEnd(new GenerationEnd.Length()));
            } catch (InterruptedException _) {
                // It was stopped.
            }
        }

        @Override
        public void cancel() {
            stop(() -> listener.onEnd(new GenerationEnd.Cancelled()));
        }

        private void stop(Runnable lastWord) {
            running.remove(this);
            synchronized (over) {
                if (over.compareAndSet(false, true)) {
                    thread.interrupt();
                    lastWord.run();
                }
            }
        }
    }
}
