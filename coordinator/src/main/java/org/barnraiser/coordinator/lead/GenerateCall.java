package org.barnraiser.coordinator.lead;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.Queue;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.schedule.ResumableSequence;
import org.barnraiser.coordinator.schedule.SequenceListener;
import org.barnraiser.coordinator.schedule.SequenceRunner;
import org.barnraiser.proto.GenerateEvent;
import org.barnraiser.proto.SampledToken;
import org.jspecify.annotations.Nullable;

/**
 * A sequence that runs for another coordinator. The pipeline's thread leaves events here and never waits: those that the follower has not
 * taken yet are kept, up to a bound, and then the call ends; the follower may ask again from the tokens it has.
 */
final class GenerateCall implements SequenceListener {
    /** Some seconds of tokens, and beyond what gRPC itself keeps for a call. */
    static final int MAX_WAITING = 1024;

    private final ServerCallStreamObserver<GenerateEvent> call;
    /** What follows is guarded by this. */
    private final Queue<GenerateEvent> waiting = new ArrayDeque<>();
    private @Nullable Generation generation;
    private boolean complete;
    private boolean closed;

    GenerateCall(ServerCallStreamObserver<GenerateEvent> call) {
        this.call = call;
        call.setOnReadyHandler(this::send);
        call.setOnCancelHandler(this::abandon);
    }

    /** Returns at once. */
    void start(SequenceRunner runner, ResumableSequence sequence) throws ModelUnavailableException {
        started(runner.run(sequence, this));
    }

    private synchronized void started(Generation running) {
        generation = running;
        if (closed) {
            running.cancel();
        }
    }

    @Override
    public void onReused(int tokens) {
        add(GenerateEvent.newBuilder().setReusedTokens(tokens).build(), false);
    }

    @Override
    public void onRead(int tokens) {
        add(GenerateEvent.newBuilder().setReadTokens(tokens).build(), false);
    }

    @Override
    public void onToken(SampledToken token, float mirostatMu) {
        add(GenerateEvent.newBuilder()
                .setSampled(GenerateEvent.Sampled.newBuilder().setToken(token).setMirostatMu(mirostatMu))
                .build(), false);
    }

    @Override
    public void onGuessed(int guesses, int right) {
        add(GenerateEvent.newBuilder()
                .setGuessed(GenerateEvent.Guessed.newBuilder().setGuesses(guesses).setRight(right)).build(), false);
    }

    @Override
    public void onEnd(GenerationEnd end) {
        add(GenerateEvent.newBuilder().setEnd(GenerateEnds.message(end)).build(), true);
    }

    @Override
    public void onInterrupted(String reason) {
        add(GenerateEvent.newBuilder().setInterrupted(reason).build(), true);
    }

    private synchronized void add(GenerateEvent event, boolean last) {
        if (closed || complete) {
            return;
        }
        if (waiting.size() == MAX_WAITING) {
            abandon();
            call.onError(Status.ABORTED.withDescription("The answer was not taken in time.").asRuntimeException());
            return;
        }
        waiting.add(event);
        complete = last;
        send();
    }

    private synchronized void send() {
        while (!closed && call.isReady() && !waiting.isEmpty()) {
            call.onNext(waiting.remove());
        }
        if (!closed && complete && waiting.isEmpty()) {
            closed = true;
            call.onCompleted();
        }
    }

    /** The follower is gone, or too slow. */
    private synchronized void abandon() {
        closed = true;
        waiting.clear();
        if (generation != null) {
            generation.cancel();
        }
    }
}
