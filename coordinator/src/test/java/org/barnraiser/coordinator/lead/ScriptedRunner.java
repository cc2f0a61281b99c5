package org.barnraiser.coordinator.lead;

import com.google.protobuf.ByteString;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.schedule.ResumableSequence;
import org.barnraiser.coordinator.schedule.SequenceListener;
import org.barnraiser.coordinator.schedule.SequenceRunner;
import org.barnraiser.proto.SampledToken;
import org.jspecify.annotations.Nullable;

/** Takes sequences, and the test says what becomes of them. */
final class ScriptedRunner implements SequenceRunner {
    private final BlockingQueue<Run> runs = new LinkedBlockingQueue<>();
    private volatile @Nullable ModelUnavailableException refusal;

    /** A sequence that was taken. */
    static final class Run implements Generation {
        final ResumableSequence sequence;
        final SequenceListener listener;
        volatile boolean cancelled;

        Run(ResumableSequence sequence, SequenceListener listener) {
            this.sequence = sequence;
            this.listener = listener;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        void token(int token, int position) {
            listener.onToken(SampledToken.newBuilder().setToken(token).setPosition(position)
                    .setPiece(ByteString.copyFromUtf8(" " + token)).build(), 0.5f);
        }
    }

    void refuse(ModelUnavailableException why) {
        refusal = why;
    }

    @Override
    public Generation run(ResumableSequence sequence, SequenceListener listener) throws ModelUnavailableException {
        if (refusal != null) {
            throw refusal;
        }
        Run run = new Run(sequence, listener);
        runs.add(run);
        return run;
    }

    /** The next sequence; waits for it. */
    Run next() throws InterruptedException {
        Run run = runs.poll(30, TimeUnit.SECONDS);
        if (run == null) {
            throw new AssertionError("no sequence has come");
        }
        return run;
    }

    boolean isUnused() {
        return runs.isEmpty();
    }
}
