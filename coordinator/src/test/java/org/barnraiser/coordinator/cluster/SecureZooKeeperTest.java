package org.barnraiser.coordinator.cluster;

import com.google.common.net.HostAndPort;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.retry.RetryForever;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.NoAuthException;
import org.apache.zookeeper.ZooDefs;
import org.barnraiser.trust.Authority;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.SecureLinks;
import org.barnraiser.trust.TrustException;
import org.barnraiser.trust.ZooKeeperAccess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** A coordinator's own ZooKeeper, when its cluster has certificates. */
class SecureZooKeeperTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** So long strangers try. */
    private static final Duration KNOCKING = Duration.ofSeconds(2);
    private static final Duration DAY = Duration.ofDays(1);
    private static final String ATTIC = ClusterPaths.WORKERS + "/attic-1";

    @TempDir
    private Path folder;

    private final Resources resources = new Resources();
    private Authority authority;
    private SecureLinks links;
    private HostAndPort address;
    private EmbeddedZooKeeper server;
    private CuratorFramework coordinator;

    @BeforeEach
    void start() throws Exception {
        authority = Authority.openOrCreate(folder.resolve("trust"), InstantSource.system());
        links = member(authority, Role.COORDINATOR, "coordinator");
        address = HostAndPort.fromParts("127.0.0.1", freePort());
        server = resources.add(EmbeddedZooKeeper.start(folder.resolve("data"), address, links));
        coordinator = resources.add(ZooKeeperConnection.open(server.connectString(), links)).client();
    }

    @AfterEach
    void stop() {
        resources.close();
    }

    @Test
    void a_worker_announces_itself_and_reads_and_does_nothing_else() throws Exception {
        coordinator.create().creatingParentsIfNeeded().forPath("/barnraiser/plans/p", bytes("a plan"));
        CuratorFramework attic = client(member(authority, Role.WORKER, "attic"));
        attic.create().withMode(CreateMode.EPHEMERAL).forPath(ATTIC, bytes("here"));
        attic.setData().forPath(ATTIC, bytes("still here"));
        assertThat(attic.getData().forPath("/barnraiser/plans/p")).isEqualTo(bytes("a plan"));
        assertThat(coordinator.getData().forPath(ATTIC)).isEqualTo(bytes("still here"));

        assertThatThrownBy(() -> attic.setData().forPath("/barnraiser/plans/p", bytes("mine")))
                .isInstanceOf(NoAuthException.class);
        assertThatThrownBy(() -> attic.delete().forPath("/barnraiser/plans/p")).isInstanceOf(NoAuthException.class);
        assertThatThrownBy(() -> attic.create().forPath("/barnraiser/leader")).isInstanceOf(NoAuthException.class);
        assertThatThrownBy(() -> attic.create().forPath("/elsewhere")).isInstanceOf(NoAuthException.class);
        assertThatThrownBy(() -> attic.setACL().withACL(ZooDefs.Ids.OPEN_ACL_UNSAFE).forPath("/"))
                .isInstanceOf(NoAuthException.class);

        CuratorFramework desk = client(member(authority, Role.WORKER, "desk"));
        assertThatThrownBy(() -> desk.setData().forPath(ATTIC, bytes("not there")))
                .isInstanceOf(NoAuthException.class);
        assertThatThrownBy(() -> desk.delete().forPath(ATTIC)).isInstanceOf(NoAuthException.class);
        assertThat(coordinator.getData().forPath(ATTIC)).isEqualTo(bytes("still here"));
    }

    @Test
    void whoever_is_no_member_gets_no_session() throws Exception {
        Authority other = Authority.openOrCreate(folder.resolve("other"), InstantSource.system());
        ZooKeeperAccess secure = ZooKeeperAccess.parse(server.connectString());
        assertThat(connects(secure, member(other, Role.COORDINATOR, "coordinator"), KNOCKING)).isFalse();
        assertThatThrownBy(() -> secure.client(Links.PLAIN))
                .isInstanceOf(TrustException.class).hasMessageContaining("--join");
        // Without certificates, at the port that wants them.
        assertThat(connects(new ZooKeeperAccess(address.toString(), false), Links.PLAIN, KNOCKING)).isFalse();
        assertGetsIn(member(authority, Role.WORKER, "desk"));
    }

    @Test
    void the_session_of_a_removed_member_ends_and_takes_its_announcement_along() throws Exception {
        CuratorFramework attic = client(member(authority, Role.WORKER, "attic"));
        attic.create().withMode(CreateMode.EPHEMERAL).forPath(ATTIC, bytes("here"));
        CuratorFramework desk = client(member(authority, Role.WORKER, "desk"));
        desk.create().withMode(CreateMode.EPHEMERAL).forPath(ClusterPaths.WORKERS + "/desk-1");

        assertThat(authority.revoke("attic")).isTrue();
        assertThat(links.revocations().accept(authority.revocations().orElseThrow())).isTrue();
        await().atMost(PATIENCE).untilAsserted(
                () -> assertThat(coordinator.getChildren().forPath(ClusterPaths.WORKERS)).containsExactly("desk-1"));
        assertThat(attic.getZookeeperClient().isConnected()).isFalse();
    }

    @Test
    void a_renewed_certificate_is_shown_from_the_next_connection_on() throws Exception {
        SecureLinks attic = member(authority, Role.WORKER, "attic");
        Path keys = folder.resolve("attic/zookeeper-attic.pem");
        String first = Files.readString(keys);
        attic.renew(authority.credentials(new Identity(Role.WORKER, "attic"), DAY));
        assertThat(Files.readString(keys)).isNotEqualTo(first);
        assertGetsIn(attic);
    }

    private SecureLinks member(Authority of, Role role, String id) throws TrustException {
        return new SecureLinks(of.credentials(new Identity(role, id), DAY)).keepIn(folder.resolve(id));
    }

    private CuratorFramework client(Links as) throws Exception {
        CuratorFramework client = ZooKeeperAccess.parse(server.connectString()).client(as).sessionTimeoutMs(4_000)
                .retryPolicy(new RetryForever(200)).build();
        resources.add(client);
        client.start();
        assertThat(client.blockUntilConnected((int) PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return client;
    }

    private void assertGetsIn(Links as) throws Exception {
        assertThat(connects(ZooKeeperAccess.parse(server.connectString()), as, PATIENCE)).isTrue();
    }

    private static boolean connects(ZooKeeperAccess access, Links as, Duration patience) throws Exception {
        try (CuratorFramework client = access.client(as).retryPolicy(new RetryOneTime(100)).build()) {
            client.start();
            return client.blockUntilConnected((int) patience.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
