package org.barnraiser.coordinator.follow;

import io.grpc.Channel;
import java.util.concurrent.atomic.AtomicReference;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.schedule.ResumableSequence;
import org.barnraiser.coordinator.schedule.SequenceListener;
import org.barnraiser.coordinator.schedule.SequenceRunner;
import org.barnraiser.proto.GenerateRequest;
import org.barnraiser.proto.LeaderGrpc;
import org.jspecify.annotations.Nullable;

/**
 * Runs sequences on a pipeline of the coordinator that leads. It ends with the first sequence that the leader gives back, or cannot be asked
 * for: then the pipeline there, or the leader, is gone.
 */
final class RemoteRunner implements SequenceRunner {
    private static final int RETRY_AFTER_SECONDS = 5;

    private final LeaderGrpc.LeaderStub leader;
    private final ModelDescription model;
    private final AtomicReference<@Nullable String> endReason = new AtomicReference<>();

    /** @param leader to the coordinator that leads; its callbacks may run on the network's own threads */
    RemoteRunner(Channel leader, ModelDescription model) {
        this.leader = LeaderGrpc.newStub(leader);
        this.model = model;
    }

    @Override
    public Generation run(ResumableSequence sequence, SequenceListener listener) throws ModelUnavailableException {
        String reason = endReason.get();
        if (reason != null) {
            throw new ModelUnavailableException(reason, RETRY_AFTER_SECONDS);
        }
        RemoteGeneration generation = new RemoteGeneration(sequence, model, listener, this::end);
        leader.generate(request(sequence), generation);
        return generation;
    }

    private GenerateRequest request(ResumableSequence sequence) {
        return GenerateRequest.newBuilder()
                .setModelDigest(model.digest())
                .addAllTokens(sequence.tokens().asList())
                .setGeneratedFromPosition(sequence.generatedFromPosition())
                .setRemainingTokens(sequence.remainingTokens())
                .setSampling(sequence.sampling())
                .setMirostatMu(sequence.mirostatMu())
                .setReadFirst(sequence.readFirst())
                .build();
    }

    /** Takes no more from now on; the first reason stands. */
    void end(String reason) {
        endReason.compareAndSet(null, reason);
    }

    boolean hasEnded() {
        return endReason.get() != null;
    }
}
