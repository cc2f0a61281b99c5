package org.barnraiser.coordinator.doctor;

import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.barnraiser.coordinator.cluster.EmbeddedZooKeeper;
import org.barnraiser.proto.CoordinatorRecord;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.WorkerRecord;

/** A real ZooKeeper, and what workers and coordinators write into it. */
final class Registry implements AutoCloseable {
    private final EmbeddedZooKeeper server;
    private final CuratorFramework client;

    Registry(Path data) throws Exception {
        server = EmbeddedZooKeeper.start(data);
        client = CuratorFrameworkFactory.newClient(server.connectString(), new RetryOneTime(100));
        client.start();
    }

    String connectString() {
        return server.connectString();
    }

    void register(WorkerRecord worker) throws Exception {
        write("/barnraiser/services/worker/" + worker.getWorkerId() + "-" + worker.getIncarnationId(), worker);
    }

    void register(CoordinatorRecord coordinator) throws Exception {
        write("/barnraiser/services/coordinator/" + coordinator.getCoordinatorId(), coordinator);
    }

    /** The next in line to lead; the first one leads. */
    void candidate(String coordinatorId, int number) throws Exception {
        write("/barnraiser/leader/_c_x-latch-" + String.format(Locale.ROOT, "%010d", number),
                coordinatorId.getBytes(StandardCharsets.UTF_8));
    }

    void plan(PlanRecord plan) throws Exception {
        write("/barnraiser/plans/" + plan.getModelDigest(), plan);
    }

    void write(String path, byte[] data) throws Exception {
        client.create().creatingParentsIfNeeded().forPath(path, data);
    }

    int nodesAtTheTop() throws Exception {
        return client.getChildren().forPath("/").size();
    }

    private void write(String path, Message record) throws Exception {
        write(path, JsonFormat.printer().print(record).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
