package org.barnraiser.coordinator.cluster;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.EngineRecord;
import org.barnraiser.proto.Wish;
import org.barnraiser.proto.WorkerRecord;

/** A worker without an engine: registers, speaks the whole protocol on a real port, and does as the test says. */
final class ScriptedWorker implements AutoCloseable {
    private static final AtomicInteger INCARNATIONS = new AtomicInteger();

    private final CuratorFramework zooKeeper;
    private final ScriptedControl control;
    private final ScriptedStage stage;
    private final Server server;
    private volatile WorkerRecord record;

    /**
     * Starts a worker that is not registered yet.
     *
     * @param heart runs its pulses
     */
    ScriptedWorker(CuratorFramework zooKeeper, String id, long usableMemoryBytes, EngineAbi abi,
            ScheduledExecutorService heart)
            throws IOException {
        this.zooKeeper = zooKeeper;
        stage = new ScriptedStage();
        control = new ScriptedControl(stage, heart);
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

    /** Is found by a spelling of this machine that nobody takes for it, as if it were elsewhere; to be said before it registers. */
    ScriptedWorker elsewhere() {
        record = record.toBuilder().setAddress(record.getAddress().replace("127.0.0.1:", "LocalHost:")).build();
        control.describeAs(record);
        return this;
    }

    /** Is found at the other end of a way from now on; to be said before it registers. */
    Way farAway() throws IOException {
        Way way = Way.to(record.getAddress());
        record = record.toBuilder().setAddress(way.connectString()).build();
        control.describeAs(record);
        return way;
    }

    /** What its owner wants of it from now on. */
    void wish(Wish wish) throws Exception {
        record = record.toBuilder().setWish(wish).build();
        control.describeAs(record);
        zooKeeper.setData().forPath(path(), RecordJson.encode(record));
    }

    /** Computes a layer in so many microseconds, when it is measured and when it runs. */
    ScriptedWorker computingLayersIn(long micros) {
        control.computeLayerIn(micros);
        stage.computeLayerIn(micros);
        return this;
    }

    /** As a machine that was stopped: no connection breaks, and nothing is answered. */
    void hang() {
        control.hang();
        stage.swallowSteps();
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
