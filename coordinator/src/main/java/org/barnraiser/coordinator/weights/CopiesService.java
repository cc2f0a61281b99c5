package org.barnraiser.coordinator.weights;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Maps;
import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import java.util.Collection;
import org.barnraiser.proto.CopiesGrpc;
import org.barnraiser.proto.PieceList;
import org.barnraiser.proto.ReleaseRequest;

/** Tells workers that are short of disk what they must keep. Thread-safe; never blocks for long. */
public final class CopiesService extends CopiesGrpc.CopiesImplBase {
    private final ImmutableMap<String, Holdings> byModel;

    /** @param holdings of each hosted model */
    public CopiesService(Collection<Holdings> holdings) {
        byModel = Maps.uniqueIndex(holdings, Holdings::modelDigest);
    }

    @Override
    public void release(ReleaseRequest request, StreamObserver<PieceList> response) {
        Holdings holdings = byModel.get(request.getModelDigest());
        // Pieces of other models are nobody's last.
        ImmutableSet<ByteString> last = holdings == null
                ? ImmutableSet.of()
                : holdings.release(request.getIncarnationId(), request.getModelDigest(),
                        ImmutableSet.copyOf(request.getSha256List()));
        response.onNext(PieceList.newBuilder().addAllSha256(last).build());
        response.onCompleted();
    }
}
