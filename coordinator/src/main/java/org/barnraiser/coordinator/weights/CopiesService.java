package org.barnraiser.coordinator.weights;

import com.google.common.collect.ImmutableSet;
import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import org.barnraiser.proto.CopiesGrpc;
import org.barnraiser.proto.PieceList;
import org.barnraiser.proto.ReleaseRequest;

/** Tells workers that are short of disk what they must keep. Thread-safe; never blocks for long. */
public final class CopiesService extends CopiesGrpc.CopiesImplBase {
    private final Holdings holdings;

    public CopiesService(Holdings holdings) {
        this.holdings = holdings;
    }

    @Override
    public void release(ReleaseRequest request, StreamObserver<PieceList> response) {
        ImmutableSet<ByteString> last = holdings.release(request.getIncarnationId(), request.getModelDigest(),
                ImmutableSet.copyOf(request.getSha256List()));
        response.onNext(PieceList.newBuilder().addAllSha256(last).build());
        response.onCompleted();
    }
}
