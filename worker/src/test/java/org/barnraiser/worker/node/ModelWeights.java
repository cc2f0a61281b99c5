package org.barnraiser.worker.node;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.barnraiser.proto.ReadChunk;
import org.barnraiser.proto.ReadRequest;
import org.barnraiser.proto.WeightsGrpc;
import org.barnraiser.worker.stage.TestModel;

/** A {@code Weights} service over one model file, which can deliver damaged bytes or none. */
final class ModelWeights extends WeightsGrpc.WeightsImplBase implements AutoCloseable {
    private static final int CHUNK_BYTES = 256 << 10;

    private final TestModel model;
    private final Server server;
    final AtomicInteger reads = new AtomicInteger();
    final CountDownLatch stalled = new CountDownLatch(1);
    volatile boolean damaged;
    volatile boolean stalls;

    ModelWeights(TestModel model) throws IOException {
        this.model = model;
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .directExecutor().addService(this)
                .build().start();
    }

    String address() {
        return "127.0.0.1:" + server.getPort();
    }

    @Override
    public void read(ReadRequest request, StreamObserver<ReadChunk> response) {
        reads.incrementAndGet();
        byte[] bytes = model.bytes(request.getPiece().getSourceOffsetBytes(), request.getPiece().getLengthBytes());
        if (damaged) {
            bytes[bytes.length / 3] ^= 8;
        }
        int end = stalls ? bytes.length / 2 : bytes.length;
        for (int at = 0; at < end; at += CHUNK_BYTES) {
            response.onNext(ReadChunk.newBuilder()
                    .setData(ByteString.copyFrom(bytes, at, Math.min(CHUNK_BYTES, end - at))).build());
        }
        if (stalls) {
            stalled.countDown();
        } else {
            response.onCompleted();
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
