package org.barnraiser.coordinator.lead;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.schedule.SequenceRunner;
import org.barnraiser.proto.GenerateEvent;
import org.barnraiser.proto.GenerateRequest;
import org.barnraiser.proto.LeaderGrpc;
import org.barnraiser.proto.LeaderState;
import org.barnraiser.proto.WatchRequest;

/**
 * Answers the coordinators that follow this one. Nothing here blocks, so it may run on gRPC's own threads; who is slow to listen holds up
 * nobody else.
 */
public final class LeaderService extends LeaderGrpc.LeaderImplBase implements AutoCloseable {
    private final Leading leading;
    private final SequenceCheck check;
    private final String modelDigest;
    private final Followers followers;

    public LeaderService(Leading leading, ModelDescription model) {
        this.leading = leading;
        check = new SequenceCheck(model);
        modelDigest = model.digest();
        followers = new Followers(leading);
    }

    /** Tells the followers soon that something has changed; from any thread, at once. */
    public void announce() {
        followers.announce();
    }

    @Override
    public void generate(GenerateRequest request, StreamObserver<GenerateEvent> observer) {
        ServerCallStreamObserver<GenerateEvent> call = (ServerCallStreamObserver<GenerateEvent>) observer;
        if (leading.state().isEmpty()) {
            call.onError(Followers.NOT_LEADING.asRuntimeException());
            return;
        }
        try {
            GenerateCall generation = new GenerateCall(call);
            SequenceRunner runner = leading.runner();
            generation.start(runner, check.sequence(request));
        } catch (InvalidSequenceException e) {
            call.onError(Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asRuntimeException());
        } catch (ModelUnavailableException e) {
            Status status = e.isQueueFull() ? Status.RESOURCE_EXHAUSTED : Status.UNAVAILABLE;
            call.onError(status.withDescription(e.getMessage()).asRuntimeException());
        }
    }

    @Override
    public void watch(WatchRequest request, StreamObserver<LeaderState> observer) {
        if (request.getModelDigest().equals(modelDigest)) {
            followers.add((ServerCallStreamObserver<LeaderState>) observer);
        } else {
            observer.onError(Status.NOT_FOUND
                    .withDescription("the coordinator that leads hosts another model, sha256:" + modelDigest)
                    .asRuntimeException());
        }
    }

    /** Ends the calls of those who watch; what runs ends with its pipeline. */
    @Override
    public void close() {
        followers.close();
    }
}
