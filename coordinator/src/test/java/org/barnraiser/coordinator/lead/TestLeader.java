package org.barnraiser.coordinator.lead;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.schedule.SequenceRunner;
import org.barnraiser.proto.GenerateRequest;
import org.barnraiser.proto.LeaderState;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.WatchRequest;

/** A leader service on a real port, whose state the test sets. */
public final class TestLeader implements Leading, AutoCloseable {
    public static final ModelDescription MODEL = new ModelDescription("plain", "0123456789abcdef".repeat(4), "plain",
            512, 100,
            0, Optional.empty(), "", "");

    private final ScriptedRunner scripted = new ScriptedRunner();
    private final LeaderService service = new LeaderService(this, MODEL);
    private final Server server;
    private final ManagedChannel channel;
    private final String address;
    private volatile SequenceRunner runner = scripted;
    private volatile Optional<LeaderState> state = Optional.of(LeaderState.newBuilder().setReady(true).build());
    private volatile Optional<String> notReady = Optional.empty();

    public TestLeader() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .directExecutor().addService(service).build().start();
        address = "127.0.0.1:" + server.getPort();
        channel = NettyChannelBuilder.forTarget("dns:///" + address).usePlaintext().build();
    }

    static GenerateRequest.Builder request() {
        return GenerateRequest.newBuilder().setModelDigest(MODEL.digest()).addTokens(7).addTokens(8).addTokens(9)
                .setGeneratedFromPosition(2).setRemainingTokens(5).setMirostatMu(0.25f).setReadFirst(true)
                .setSampling(SamplingParameters.newBuilder().setTopP(1));
    }

    static WatchRequest watching() {
        return WatchRequest.newBuilder().setModelDigest(MODEL.digest()).build();
    }

    ScriptedRunner scripted() {
        return scripted;
    }

    LeaderService service() {
        return service;
    }

    public ManagedChannel channel() {
        return channel;
    }

    void set(Optional<LeaderState> next) {
        state = next;
    }

    /** Tells the followers something new. */
    public void tell(LeaderState next) {
        set(Optional.of(next));
        service.announce();
    }

    /** What runs sequences from now on. */
    public void runWith(SequenceRunner next) {
        runner = next;
    }

    public String address() {
        return address;
    }

    void notReady(String reason) {
        notReady = Optional.of(reason);
    }

    @Override
    public Optional<LeaderState> state() {
        return state;
    }

    @Override
    public SequenceRunner runner() throws ModelUnavailableException {
        if (notReady.isPresent()) {
            throw new ModelUnavailableException(notReady.get(), 1);
        }
        return runner;
    }

    @Override
    public void close() {
        service.close();
        channel.shutdownNow();
        server.shutdownNow();
    }
}
