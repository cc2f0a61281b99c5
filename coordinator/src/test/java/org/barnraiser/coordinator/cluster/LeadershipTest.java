package org.barnraiser.coordinator.cluster;

import java.time.Duration;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.test.KillSession;
import org.apache.curator.test.TestingServer;
import org.barnraiser.proto.CoordinatorRecord;
import org.barnraiser.trust.Links;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.awaitility.Awaitility.await;

class LeadershipTest {
    private final Resources resources = new Resources();
    private TestingServer server;

    @BeforeEach
    void connect() throws Exception {
        server = resources.add(new TestingServer());
    }

    @AfterEach
    void disconnect() {
        resources.close();
    }

    @Test
    void when_the_leader_loses_its_session_another_leads() throws Exception {
        Candidate first = new Candidate("first");
        await().until(() -> first.leads);
        Candidate second = new Candidate("second");
        KillSession.kill(first.client.getZookeeperClient().getZooKeeper());
        await().until(() -> second.leads && !first.leads);
    }

    @Test
    void a_registration_comes_back_after_a_lost_session() throws Exception {
        // The session is killed on the client's side only; the server gives up what is left of it after this time.
        CuratorFramework client = resources
                .add(ZooKeeperConnection.open(server.getConnectString(), Links.PLAIN,
                        Duration.ofSeconds(2)))
                .client();
        CuratorFramework observer = resources.add(ZooKeeperConnection.open(server.getConnectString())).client();
        CoordinatorRecord record = CoordinatorRecord.newBuilder().setCoordinatorId("c1").setGrpcAddress("h:1").build();
        CoordinatorRegistration registration = resources.add(new CoordinatorRegistration(client, record));
        registration.start();
        await().until(() -> sessionOf(observer).isPresent());
        long lost = sessionOf(observer).orElseThrow();
        KillSession.kill(client.getZookeeperClient().getZooKeeper());
        await().until(() -> sessionOf(observer).filter(session -> session != lost).isPresent());
        registration.close();
        await().until(() -> sessionOf(observer).isEmpty());
    }

    private static Optional<Long> sessionOf(CuratorFramework observer) throws Exception {
        return Optional.ofNullable(observer.checkExists().forPath(ClusterPaths.COORDINATORS + "/c1"))
                .map(stat -> stat.getEphemeralOwner());
    }

    private final class Candidate {
        private final CuratorFramework client;
        private volatile boolean leads;

        Candidate(String id) throws ClusterException {
            client = resources.add(ZooKeeperConnection.open(server.getConnectString())).client();
            EventLoop loop = resources.add(new EventLoop("test"));
            resources.add(new Leadership(client, id, loop, leading -> leads = leading)).start();
        }
    }
}
