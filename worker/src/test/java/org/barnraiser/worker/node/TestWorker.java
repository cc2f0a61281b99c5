package org.barnraiser.worker.node;

import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.HiddenStates.Encoding;
import org.barnraiser.proto.LoadProgress;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.StageGrpc;
import org.barnraiser.proto.WeightsGrpc;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.trust.Links;
import org.barnraiser.worker.lend.LendingHours;
import org.barnraiser.worker.lend.PowerSupply;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.stage.TestModel;

/** A real worker on this machine, and stubs to call it. */
final class TestWorker implements AutoCloseable {
    static final String PIPELINE = "pipeline-1";
    private static final int MAX_MESSAGE_BYTES = 16 << 20;

    final WorkerNode node;
    private final ManagedChannel channel;

    TestWorker(String zooKeeper, Path data, String name, long memoryBytes) throws LlamaException, IOException {
        this(zooKeeper, data, name, memoryBytes, Optional.empty());
    }

    TestWorker(String zooKeeper, Path data, String name, long memoryBytes, Optional<LendingHours> hours)
            throws LlamaException, IOException {
        this(zooKeeper, data, name, memoryBytes, hours, OptionalLong.empty());
    }

    TestWorker(String zooKeeper, Path data, String name, long memoryBytes, Optional<LendingHours> hours,
            OptionalLong uploadBytesPerSecond) throws LlamaException, IOException {
        this(zooKeeper, data, name, memoryBytes, hours, Optional.empty(), uploadBytesPerSecond);
    }

    TestWorker(String zooKeeper, Path data, String name, long memoryBytes, Optional<LendingHours> hours,
            Optional<PowerSupply> spared, OptionalLong uploadBytesPerSecond) throws LlamaException, IOException {
        this(InetAddress.getLoopbackAddress(), zooKeeper, data, name, memoryBytes, hours, spared,
                uploadBytesPerSecond);
    }

    /** One that listens at this address of this machine. */
    static TestWorker at(InetAddress listen, String zooKeeper, Path data, String name, long memoryBytes)
            throws LlamaException, IOException {
        return new TestWorker(listen, zooKeeper, data, name, memoryBytes, Optional.empty(), Optional.empty(),
                OptionalLong.empty());
    }

    private TestWorker(InetAddress listen, String zooKeeper, Path data, String name, long memoryBytes,
            Optional<LendingHours> hours, Optional<PowerSupply> spared, OptionalLong uploadBytesPerSecond)
            throws LlamaException, IOException {
        node = WorkerNode.start(new WorkerSettings(zooKeeper, new InetSocketAddress(listen, 0), Optional.empty(), false,
                memoryBytes, 1L << 30, EngineSettings.bundled(), 1, data.resolve(name), name, Map.of("room", "library"),
                hours, spared, uploadBytesPerSecond));
        channel = new Channels(Links.PLAIN).dial(node.address(), MAX_MESSAGE_BYTES, Channels.WORKER);
    }

    WorkerControlGrpc.WorkerControlBlockingStub control() {
        return WorkerControlGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    WorkerControlGrpc.WorkerControlStub asyncControl() {
        return WorkerControlGrpc.newStub(channel);
    }

    WeightsGrpc.WeightsBlockingStub weights() {
        return WeightsGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    StageGrpc.StageStub stage() {
        return StageGrpc.newStub(channel);
    }

    /** All progress, to the end. */
    List<LoadProgress> load(LoadShardRequest request) {
        var progress = new ArrayList<LoadProgress>();
        control().loadShard(request).forEachRemaining(progress::add);
        return progress;
    }

    /** The whole model as a pipeline of one stage. */
    static LoadShardRequest.Builder wholeModel(TestModel model, String weights, long epoch) {
        return LoadShardRequest.newBuilder().setShard(model.spec(true, true)).setPipelineId(PIPELINE).setEpoch(epoch)
                .setStageCount(1).setSlots(4).setContextTokens(128).setCacheTokens(512).setMaxStepTokens(64)
                .setWire(Encoding.F32).setWeightsAddress(weights);
    }

    /** The whole model as the head of two. */
    static LoadShardRequest.Builder head(TestModel model, String weights, long epoch, String next) {
        return wholeModel(model, weights, epoch).setShard(model.spec(true, false)).setStageCount(2)
                .setNextStageAddress(next);
    }

    /** The whole model as the tail of two; what it computes after such a head is no text, but always the same. */
    static LoadShardRequest.Builder tail(TestModel model, String weights, long epoch) {
        return wholeModel(model, weights, epoch).setShard(model.spec(false, true)).setStageCount(2).setStageIndex(1);
    }

    @Override
    public void close() throws IOException {
        channel.shutdownNow();
        node.close();
    }
}
