package org.barnraiser.coordinator.follow;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.function.Consumer;
import org.barnraiser.coordinator.lead.GenerateEnds;
import org.barnraiser.coordinator.model.EmbeddingShape;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.schedule.ResumableSequence;
import org.barnraiser.coordinator.schedule.SequenceListener;
import org.barnraiser.proto.GenerateEvent;
import org.barnraiser.proto.GenerateRequest;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters.Pooling;
import org.jspecify.annotations.Nullable;

/**
 * One sequence that the leader runs. What the leader says is checked, and the listener hears exactly one end.
 *
 * <p>The listener is called from the call's own callbacks only, which gRPC runs one after the other. So no lock is needed, and none is held
 * while it is called.
 */
final class RemoteGeneration implements Generation, ClientResponseObserver<GenerateRequest, GenerateEvent> {
    private final int vocabularySize;
    /** Of what comes instead of tokens; 0 when tokens do. */
    private final int embeddingLength;
    private final SequenceListener listener;
    private final Consumer<String> onLeaderLost;
    private volatile @Nullable ClientCallStreamObserver<GenerateRequest> call;
    private volatile boolean cancelled;
    // Touched by the call's callbacks only.
    private int position;
    private int remainingTokens;
    private boolean over;

    /** @param onLeaderLost hears, before the listener does, that the leader cannot go on with any sequence */
    RemoteGeneration(ResumableSequence sequence, ModelDescription model, SequenceListener listener,
            Consumer<String> onLeaderLost) {
        vocabularySize = model.vocabularySize();
        embeddingLength = sequence.sampling().getPooling() == Pooling.NO_POOLING
                ? 0
                : model.embedding().map(EmbeddingShape::length).orElse(0);
        this.listener = listener;
        this.onLeaderLost = onLeaderLost;
        position = sequence.tokens().length();
        remainingTokens = sequence.remainingTokens();
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<GenerateRequest> stream) {
        call = stream;
    }

    @Override
    public void cancel() {
        cancelled = true;
        ClientCallStreamObserver<GenerateRequest> stream = call;
        if (stream != null) {
            stream.cancel("the answer is not wanted here any more", null);
        }
    }

    @Override
    public void onNext(GenerateEvent event) {
        switch (event.getEventCase()) {
            case REUSED_TOKENS -> reused(event.getReusedTokens());
            case READ_TOKENS -> read(event.getReadTokens());
            case SAMPLED -> sampled(event.getSampled());
            case GUESSED -> guessed(event.getGuessed());
            case END -> end(GenerateEnds.read(event.getEnd()));
            case INTERRUPTED -> leaderLost(Said.line(event.getInterrupted()));
            case EVENT_NOT_SET -> {
                // A leader of a newer build may tell more than is known here, and none of it is needed for the answer.
                if (event.getUnknownFields().asMap().isEmpty()) {
                    contradict();
                }
            }
        }
    }

    private void reused(int tokens) {
        if (!over && tokens >= 0 && tokens < position) {
            listener.onReused(tokens);
        }
    }

    private void read(int tokens) {
        if (!over && tokens >= 0 && tokens <= position) {
            listener.onRead(tokens);
        }
    }

    private void guessed(GenerateEvent.Guessed guessed) {
        if (!over && guessed.getRight() >= 0 && guessed.getGuesses() >= guessed.getRight()) {
            listener.onGuessed(guessed.getGuesses(), guessed.getRight());
        }
    }

    private void sampled(GenerateEvent.Sampled sampled) {
        SampledToken token = sampled.getToken();
        if (over) {
            return;
        }
        if (remainingTokens == 0 || token.getToken() < 0 || token.getToken() >= vocabularySize
                || token.getEmbeddingCount() != embeddingLength || token.getPosition() != position
                || !Float.isFinite(sampled.getMirostatMu())) {
            contradict();
            return;
        }
        position++;
        remainingTokens--;
        listener.onToken(token, sampled.getMirostatMu());
    }

    /** What was heard so far may be wrong as well, so nothing is built on it. */
    private void contradict() {
        end(new GenerationEnd.Failed("The coordinator that leads sent something that is no answer.", false));
        cancel();
    }

    @Override
    public void onError(Throwable error) {
        if (cancelled) {
            end(new GenerationEnd.Cancelled());
            return;
        }
        Status status = Status.fromThrowable(error);
        String said = Said.line(status.getDescription());
        switch (status.getCode()) {
            case INVALID_ARGUMENT -> end(
                    new GenerationEnd.Failed("The coordinator that leads refused the request: " + said + ".", false));
            // It lasts, but takes no more for the moment, or not at this pace.
            case RESOURCE_EXHAUSTED, ABORTED -> interrupt(said);
            default -> leaderLost("The coordinator that leads cannot go on with it.");
        }
    }

    @Override
    public void onCompleted() {
        // Harmless after the last event.
        leaderLost("The coordinator that leads ended the answer in the middle.");
    }

    private void leaderLost(String reason) {
        if (!over) {
            onLeaderLost.accept(reason);
            interrupt(reason);
        }
    }

    private void interrupt(String reason) {
        if (!over) {
            over = true;
            listener.onInterrupted(reason);
        }
    }

    private void end(GenerationEnd end) {
        if (!over) {
            over = true;
            listener.onEnd(end);
        }
    }
}
