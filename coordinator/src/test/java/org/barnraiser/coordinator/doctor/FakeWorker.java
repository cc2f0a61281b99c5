package org.barnraiser.coordinator.doctor;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.barnraiser.proto.DescribeRequest;
import org.barnraiser.proto.EngineRecord;
import org.barnraiser.proto.ReachRequest;
import org.barnraiser.proto.ReachResponse;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.proto.WorkerRecord;

/** A worker on a real port that only says who it is and, if it is new enough, whom it reaches: everyone but those cut off. */
final class FakeWorker implements AutoCloseable {
    private final Set<String> cut = ConcurrentHashMap.newKeySet();
    private final Server server;
    private volatile WorkerRecord record;

    FakeWorker(String name, boolean knowsReach) throws IOException {
        record = WorkerRecord.getDefaultInstance();
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(knowsReach ? new NewControl() : new OldControl()).build().start();
        record = WorkerRecord.newBuilder().setWorkerId(name).setIncarnationId("1").setAddress(address())
                .setUsableMemoryBytes(4L << 30).setEngine(EngineRecord.newBuilder().setBuild("b4916")).build();
    }

    /** {@code host:port}. */
    String address() {
        return "127.0.0.1:" + server.getPort();
    }

    WorkerRecord record() {
        return record;
    }

    FakeWorker withBuild(String build) {
        WorkerRecord.Builder changed = record.toBuilder();
        changed.getEngineBuilder().setBuild(build);
        record = changed.build();
        return this;
    }

    /** As after a restart: the address is the same. */
    void becomeIncarnation(String id) {
        record = record.toBuilder().setIncarnationId(id).build();
    }

    void cutOff(String address) {
        cut.add(address);
    }

    /** One from before links could be checked. */
    private class OldControl extends WorkerControlGrpc.WorkerControlImplBase {
        @Override
        public void describe(DescribeRequest request, StreamObserver<WorkerRecord> answer) {
            answer.onNext(record);
            answer.onCompleted();
        }
    }

    private final class NewControl extends OldControl {
        @Override
        public void reach(ReachRequest request, StreamObserver<ReachResponse> answer) {
            boolean reached = !cut.contains(request.getAddress());
            answer.onNext(ReachResponse.newBuilder().setReached(reached).setRoundTripMicros(400)
                    .setReason(reached ? "" : "Connection refused.").build());
            answer.onCompleted();
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
