package org.barnraiser.coordinator.weights;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Maps;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Collection;
import java.util.concurrent.Semaphore;
import org.barnraiser.proto.CopiesGrpc;
import org.barnraiser.proto.PieceList;
import org.barnraiser.proto.ReleaseRequest;

/** Tells workers that are short of disk what they must keep. Thread-safe; what has to be asked of others is on threads of its own. */
public final class CopiesService extends CopiesGrpc.CopiesImplBase {
    private static final int MAX_ASKING = 16;

    private final ImmutableMap<String, Holdings> byModel;
    private final IdleModels idle;
    private final Semaphore asking = new Semaphore(MAX_ASKING);

    /**
     * A service that asks nobody yet.
     *
     * @param holdings of each hosted model
     * @param idle for all other models
     */
    public CopiesService(Collection<Holdings> holdings, IdleModels idle) {
        byModel = Maps.uniqueIndex(holdings, Holdings::modelDigest);
        this.idle = idle;
    }

    @Override
    public void release(ReleaseRequest request, StreamObserver<PieceList> response) {
        Holdings holdings = byModel.get(request.getModelDigest());
        ImmutableSet<ByteString> pieces = ImmutableSet.copyOf(request.getSha256List());
        if (holdings != null) {
            answer(holdings.release(request.getIncarnationId(), request.getModelDigest(), pieces), response);
        } else if (asking.tryAcquire()) {
            Thread.ofVirtual().name("census").start(() -> {
                try {
                    answer(idle.release(request.getIncarnationId(), request.getModelDigest(), pieces), response);
                } catch (InterruptedException | RuntimeException e) {
                    // Who gets no answer keeps everything.
                    response.onError(Status.UNAVAILABLE.withDescription("the others could not be asked").withCause(e)
                            .asException());
                } finally {
                    asking.release();
                }
            });
        } else {
            response.onError(Status.RESOURCE_EXHAUSTED
                    .withDescription("the others are being asked for " + MAX_ASKING + " workers already")
                    .asException());
        }
    }

    private static void answer(ImmutableSet<ByteString> last, StreamObserver<PieceList> response) {
        response.onNext(PieceList.newBuilder().addAllSha256(last).build());
        response.onCompleted();
    }
}
