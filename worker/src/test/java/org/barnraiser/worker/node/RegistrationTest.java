package org.barnraiser.worker.node;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.protobuf.util.JsonFormat;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.KillSession;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.data.Stat;
import org.awaitility.Awaitility;
import org.barnraiser.proto.Wish;
import org.barnraiser.proto.WorkerRecord;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

class RegistrationTest {
    private static final WorkerRecord RECORD = WorkerRecord.newBuilder().setWorkerId("library-1")
            .setIncarnationId("abc").setAddress("127.0.0.1:7000").putLabels("room", "é").build();
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final String PATH = "/barnraiser/services/worker/library-1-abc";

    @Test
    void a_worker_is_an_ephemeral_node_of_compact_json_while_it_lives() throws Exception {
        try (var server = new TestingServer(); var client = client(server)) {
            try (var registration = Registration.start(server.getConnectString(), RECORD)) {
                assertThat(registration.awaitRegistered(30)).isTrue();
                String json = new String(client.getData().forPath(PATH), StandardCharsets.UTF_8);
                assertThat(json).startsWith("{\"workerId\":\"library-1\"").doesNotContain("\n").contains("é");
                var read = WorkerRecord.newBuilder();
                JsonFormat.parser().merge(json, read);
                assertThat(read.build()).isEqualTo(RECORD);
                assertThat(client.checkExists().forPath(PATH).getEphemeralOwner()).isNotZero();

                registration.update(RECORD.toBuilder().addShardsHeld("x").build());
                Awaitility.await().until(() -> new String(client.getData().forPath(PATH), StandardCharsets.UTF_8)
                        .contains("shardsHeld"));
            }
            assertThat(children(client)).isEmpty();
        }
    }

    @Test
    void a_worker_comes_back_after_its_session_was_lost() throws Exception {
        var server = new TestingServer();
        try (var registration = Registration.start(server.getConnectString(), RECORD)) {
            assertThat(registration.awaitRegistered(30)).isTrue();
            server.close();
            // Another server at the same place knows nothing of the session.
            try (var another = new TestingServer(server.getPort()); var client = client(another)) {
                Awaitility.await().atMost(Duration.ofSeconds(40))
                        .until(() -> client.checkExists().forPath(PATH) != null);
            }
        }
    }

    @Test
    void a_worker_whose_session_is_killed_registers_again_under_the_same_name() throws Exception {
        try (var server = new TestingServer(); var client = client(server)) {
            var own = Registration.client(server.getConnectString());
            try (var registration = Registration.start(own, RECORD)) {
                assertThat(registration.awaitRegistered(30)).isTrue();
                long firstSession = client.checkExists().forPath(PATH).getEphemeralOwner();
                KillSession.kill(own.getZookeeperClient().getZooKeeper());
                Awaitility.await().atMost(DEADLINE).until(() -> {
                    Stat node = client.checkExists().forPath(PATH);
                    return node != null && node.getEphemeralOwner() != firstSession;
                });
                assertThat(children(client)).containsExactly("library-1-abc");
                registration.update(RECORD.toBuilder().setWish(Wish.WISH_LEAVE).build());
                Awaitility.await().atMost(DEADLINE)
                        .until(() -> new String(client.getData().forPath(PATH), StandardCharsets.UTF_8)
                                .contains("WISH_LEAVE"));
            }
        }
    }

    @Test
    void a_restart_of_zookeeper_is_survived_and_later_changes_are_heard() throws Exception {
        try (var server = new TestingServer();
                var registration = Registration.start(server.getConnectString(), RECORD)) {
            assertThat(registration.awaitRegistered(30)).isTrue();
            server.stop();
            registration.update(RECORD.toBuilder().setWish(Wish.WISH_RECLAIM).build());
            server.restart();
            try (var client = client(server)) {
                Awaitility.await().atMost(DEADLINE).ignoreExceptions()
                        .until(() -> new String(client.getData().forPath(PATH), StandardCharsets.UTF_8)
                                .contains("WISH_RECLAIM"));
            }
        }
    }

    @Test
    void a_worker_that_starts_before_zookeeper_registers_later() throws Exception {
        int port = org.apache.curator.test.InstanceSpec.getRandomPort();
        try (var registration = Registration.start("127.0.0.1:" + port, RECORD)) {
            assertThat(registration.awaitRegistered(1)).isFalse();
            try (var _ = new TestingServer(port)) {
                assertThat(registration.awaitRegistered(60)).isTrue();
            }
        }
    }

    @Test
    void a_worker_that_leaves_when_zookeeper_is_gone_says_so_in_one_sentence() throws Exception {
        ListAppender<ILoggingEvent> said = new ListAppender<>();
        Logger all = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        var server = new TestingServer();
        var registration = Registration.start(server.getConnectString(), RECORD);
        assertThat(registration.awaitRegistered(60)).isTrue();
        said.start();
        try {
            server.close();
            all.addAppender(said);
            registration.close();
            Awaitility.await().atMost(DEADLINE).until(() -> events(said).anyMatch(
                    event -> event.getFormattedMessage().contains("ZooKeeper does not answer")));
            assertThat(events(said).filter(event -> event.getLoggerName().contains("curator"))).isEmpty();
            assertThat(events(said).filter(event -> event.getThrowableProxy() != null)).isEmpty();
        } finally {
            all.detachAppender(said);
            ((Logger) LoggerFactory.getLogger("org.apache.curator")).setLevel(null);
        }
    }

    private static Stream<ILoggingEvent> events(ListAppender<ILoggingEvent> said) {
        return List.copyOf(said.list).stream().filter(event -> event.getLoggerName().startsWith("org.barnraiser.worker")
                || event.getLoggerName().startsWith("org.apache.curator"));
    }

    private static CuratorFramework client(TestingServer server) {
        CuratorFramework client = CuratorFrameworkFactory.newClient(server.getConnectString(), new RetryOneTime(100));
        client.start();
        return client;
    }

    private static List<String> children(CuratorFramework client) throws Exception {
        return client.getChildren().forPath(Registration.FOLDER);
    }
}
