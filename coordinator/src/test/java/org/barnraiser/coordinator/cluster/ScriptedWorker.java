package org.barnraiser.coordinator.cluster;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.EngineRecord;
import org.barnraiser.proto.WorkerRecord;

/** A worker without an engine: registers, speaks the whole protocol on a real port, and does as the test says. */
final class ScriptedWorker implements AutoCloseable {
    private static final AtomicInteger INCARNATIONS = new AtomicInteger();

    private final CuratorFramework zooKeeper;
    private final ScriptedControl control;
    private final ScriptedStage stage;
    private final Server server;
    private final WorkerRecord record;

    ScriptedWorker(CuratorFramework zooKeeper, String id, long usableMemoryBytes, EngineAbi abi) throws IOException {
        this.zooKeeper = zooKeeper;
        stage = new ScriptedStage();
        control = new ScriptedControl(stage);
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(control)
                .addService(stage)
                .build()
                .start();
        record = WorkerRecord.newBuilder()
                .setWorkerId(id)
                .setIncarnationId(Integer.toString(INCARNATIONS.incrementAndGet()))
                .setAddress("127.0.0.1:" + server.getPort())
                .setPid(1)
                .setUsableMemoryBytes(usableMemoryBytes)
                .setEngine(EngineRecord.newBuilder().setAbi(abi).setBuild("scripted"))
                .build();
        control.describeAs(record);
    }

    WorkerRecord record() {
        return record;
    }

    ScriptedControl control() {
        return control;
    }

    ScriptedStage stage() {
        return stage;
    }

    ScriptedWorker register() throws Exception {
        zooKeeper.create().creatingParentsIfNeeded().withMode(CreateMode.EPHEMERAL).forPath(path(),
                RecordJson.encode(record));
        return this;
    }

    /** The registration ends, the worker does not. */
    void unregister() throws Exception {
        try {
            zooKeeper.delete().forPath(path());
        } catch (KeeperException.NoNodeException _) {
            // It was not registered.
        }
    }

    private String path() {
        return ClusterPaths.WORKERS + "/" + record.getWorkerId() + "-" + record.getIncarnationId();
    }

    /** As a killed process: the connections break at once, the registration stays. */
    void kill() {
        server.shutdownNow();
        stage.close();
    }

    @Override
    public void close() {
        kill();
    }
}
