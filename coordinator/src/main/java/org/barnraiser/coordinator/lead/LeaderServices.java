package org.barnraiser.coordinator.lead;

import com.google.common.collect.ImmutableMap;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.proto.GenerateEvent;
import org.barnraiser.proto.GenerateRequest;
import org.barnraiser.proto.LeaderGrpc;
import org.barnraiser.proto.LeaderState;
import org.barnraiser.proto.WatchRequest;

/** Hands what coordinators ask of this one to the model that they mean. Nothing here blocks. */
public final class LeaderServices extends LeaderGrpc.LeaderImplBase {
    private final ImmutableMap<String, LeaderService> byDigest;

    public LeaderServices(Map<String, LeaderService> byDigest) {
        this.byDigest = ImmutableMap.copyOf(byDigest);
    }

    @Override
    public void generate(GenerateRequest request, StreamObserver<GenerateEvent> observer) {
        of(request.getModelDigest(), observer).ifPresent(service -> service.generate(request, observer));
    }

    @Override
    public void watch(WatchRequest request, StreamObserver<LeaderState> observer) {
        of(request.getModelDigest(), observer).ifPresent(service -> service.watch(request, observer));
    }

    private Optional<LeaderService> of(String digest, StreamObserver<?> observer) {
        LeaderService service = byDigest.get(digest);
        if (service == null) {
            observer.onError(Status.NOT_FOUND.withDescription("the coordinator that leads hosts other models, sha256:"
                    + String.join(", sha256:", byDigest.keySet())).asRuntimeException());
        }
        return Optional.ofNullable(service);
    }
}
