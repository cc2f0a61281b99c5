package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.concurrent.CompletableFuture;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;

/**
 * Waits for one real token to cross every stage.
 *
 * @param crossed completes when it has; with a {@link ModelUnavailableException} when it cannot
 */
record Probe(CompletableFuture<Void> crossed) implements SequenceListener {
    /** Any token does; every vocabulary has this one. */
    static final ResumableSequence SEQUENCE = new ResumableSequence(ImmutableIntArray.of(0), 1, 1,
            SamplingParameters.newBuilder().setTopP(1).build(), 0);

    @Override
    public void onToken(SampledToken token, float mirostatMu) {}

    @Override
    public void onEnd(GenerationEnd end) {
        switch (end) {
            case GenerationEnd.EndOfGeneration _,GenerationEnd.Length _ -> crossed.complete(null);
            case GenerationEnd.Cancelled _ -> crossed.cancel(false);
            case GenerationEnd.Failed(String reason, _) -> onInterrupted(reason);
        }
    }

    @Override
    public void onInterrupted(String reason) {
        crossed.completeExceptionally(new ModelUnavailableException(reason, Driver.RETRY_AFTER_SECONDS));
    }
}
