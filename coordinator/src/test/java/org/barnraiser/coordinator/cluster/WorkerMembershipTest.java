package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.test.KillSession;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.CreateMode;
import org.barnraiser.proto.WorkerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class WorkerMembershipTest {
    private final Resources resources = new Resources();
    private final List<ImmutableList<WorkerRecord>> heard = new CopyOnWriteArrayList<>();
    private TestingServer server;
    private CuratorFramework workers;
    private CuratorFramework coordinator;

    @BeforeEach
    void connect() throws Exception {
        server = resources.add(new TestingServer());
        workers = resources.add(ZooKeeperConnection.open(server.getConnectString())).client();
        coordinator = resources.add(ZooKeeperConnection.open(server.getConnectString())).client();
    }

    @AfterEach
    void disconnect() {
        resources.close();
    }

    @Test
    void an_empty_cluster_is_heard_of_too() {
        watch();
        await().untilAsserted(() -> assertThat(heard).contains(ImmutableList.of()));
    }

    @Test
    void workers_that_come_and_go_are_heard_of() throws Exception {
        register(worker("w1", "a"));
        watch();
        awaitIncarnations("w1-a");
        register(worker("w2", "a"));
        awaitIncarnations("w1-a", "w2-a");
        workers.delete().forPath(ClusterPaths.WORKERS + "/w1-a");
        awaitIncarnations("w2-a");
    }

    @Test
    void a_burst_of_changes_is_heard_once() throws Exception {
        EventLoop loop = resources.add(new EventLoop("test"));
        resources.add(new WorkerMembership(coordinator, loop, Duration.ofSeconds(1), heard::add)).start();
        for (int i = 0; i < 20; i++) {
            register(worker("w" + i, "a"));
        }
        await().until(() -> !heard.isEmpty() && heard.getLast().size() == 20);
        assertThat(heard.size()).isLessThan(5);
    }

    @Test
    void of_two_incarnations_of_one_worker_the_newer_counts() throws Exception {
        register(worker("w1", "zzz"));
        register(worker("w1", "aaa"));
        watch();
        awaitIncarnations("w1-aaa");
    }

    @Test
    void nodes_that_are_no_worker_records_are_ignored() throws Exception {
        put("garbage-1", "{{{");
        put("other-1", "{\"workerId\":\"w9\",\"incarnationId\":\"1\",\"address\":\"h:1\",\"usableMemoryBytes\":\"5\"}");
        put("w5-1",
                "{\"workerId\":\"w5\",\"incarnationId\":\"1\",\"address\":\"no port\",\"usableMemoryBytes\":\"5\"}");
        put("w6-1", "{\"workerId\":\"w6\",\"incarnationId\":\"1\",\"address\":\"h:1\"}");
        put("w7-1",
                "{\"workerId\":\"w7\",\"incarnationId\":\"1\",\"address\":\"h:1\",\"usableMemoryBytes\":\"5\",\"hostName\":\""
                        + "x".repeat(RecordJson.MAX_BYTES) + "\"}");
        put("w8-1", "{\"workerId\":\"w8\",\"incarnationId\":\"1\",\"address\":\"h:1\",\"usableMemoryBytes\":\"-5\"}");
        put("w9-1", "[".repeat(10_000));
        register(worker("w1", "a"));
        watch();
        awaitIncarnations("w1-a");
    }

    @Test
    void a_field_of_a_newer_worker_is_passed_over() throws Exception {
        put("w5-1",
                "{\"workerId\":\"w5\",\"incarnationId\":\"1\",\"address\":\"h:1\",\"usableMemoryBytes\":\"5\",\"colour\":\"red\"}");
        watch();
        awaitIncarnations("w5-1");
    }

    @Test
    void what_changed_while_the_session_was_lost_is_read_again() throws Exception {
        register(worker("w1", "a"));
        watch();
        awaitIncarnations("w1-a");
        KillSession.kill(coordinator.getZookeeperClient().getZooKeeper());
        workers.delete().forPath(ClusterPaths.WORKERS + "/w1-a");
        register(worker("w2", "a"));
        awaitIncarnations("w2-a");
    }

    @Test
    void while_zookeeper_is_away_the_last_list_stands() throws Exception {
        register(worker("w1", "a"));
        watch();
        awaitIncarnations("w1-a");
        server.stop();
        await().until(() -> !coordinator.getZookeeperClient().isConnected());
        server.restart();
        await().until(() -> coordinator.getZookeeperClient().isConnected());
        register(worker("w2", "a"));
        awaitIncarnations("w1-a", "w2-a");
        assertThat(heard).noneMatch(list -> list.isEmpty());
    }

    private void watch() {
        EventLoop loop = resources.add(new EventLoop("test"));
        resources.add(new WorkerMembership(coordinator, loop, Duration.ofMillis(10), heard::add)).start();
    }

    private void awaitIncarnations(String... names) {
        await().until(() -> !heard.isEmpty() && heard.getLast().stream()
                .map(worker -> worker.getWorkerId() + "-" + worker.getIncarnationId())
                .toList()
                .equals(List.of(names)));
    }

    private void register(WorkerRecord worker) throws Exception {
        put(worker.getWorkerId() + "-" + worker.getIncarnationId(), new String(RecordJson.encode(worker), UTF_8));
    }

    private void put(String name, String data) throws Exception {
        workers.create()
                .creatingParentsIfNeeded()
                .withMode(CreateMode.EPHEMERAL)
                .forPath(ClusterPaths.WORKERS + "/" + name, data.getBytes(UTF_8));
    }

    private static WorkerRecord worker(String id, String incarnation) {
        return WorkerRecord.newBuilder()
                .setWorkerId(id)
                .setIncarnationId(incarnation)
                .setAddress("localhost:1")
                .setUsableMemoryBytes(1)
                .build();
    }
}
