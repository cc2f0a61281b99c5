package org.barnraiser.coordinator.cluster;

import java.util.Optional;
import org.apache.curator.test.KillSession;
import org.apache.curator.test.TestingServer;
import org.barnraiser.proto.PlanRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PlanStoreTest {
    private static final String DIGEST = "ab".repeat(32);
    private static final PlanRecord PLAN = PlanRecord.newBuilder().setModelDigest(DIGEST).setLayerCount(4).build();

    private TestingServer server;
    private ZooKeeperConnection connection;
    private PlanStore store;

    @BeforeEach
    void connect() throws Exception {
        server = new TestingServer();
        connection = ZooKeeperConnection.open(server.getConnectString());
        store = new PlanStore(connection.client());
    }

    @AfterEach
    void disconnect() throws Exception {
        connection.close();
        server.close();
    }

    @Test
    void a_model_without_a_plan_is_at_epoch_zero() throws Exception {
        assertThat(store.read(DIGEST).epoch()).isZero();
        assertThat(store.read(DIGEST).plan()).isEmpty();
    }

    @Test
    void the_epoch_grows_by_one_with_each_plan() throws Exception {
        for (long epoch = 0; epoch < 4; epoch++) {
            PlanRecord written = store.write(DIGEST, PLAN, epoch);
            assertThat(written.getEpoch()).isEqualTo(epoch + 1);
            assertThat(store.read(DIGEST)).isEqualTo(new PlanStore.Stored(epoch + 1, Optional.of(written)));
        }
    }

    @Test
    void a_plan_after_any_but_the_newest_is_refused_and_changes_nothing() throws Exception {
        store.write(DIGEST, PLAN, 0);
        PlanRecord newest = store.write(DIGEST, PLAN, 1);
        for (long epoch : new long[]{0, 1, 3}) {
            assertThatThrownBy(() -> store.write(DIGEST, PLAN, epoch)).isInstanceOf(PlanConflictException.class);
        }
        assertThat(store.read(DIGEST).plan()).contains(newest);
    }

    @Test
    void a_plan_that_cannot_be_read_still_counts_for_the_epoch() throws Exception {
        store.write(DIGEST, PLAN, 0);
        connection.client().setData().forPath(ClusterPaths.PLANS + "/" + DIGEST, "no plan".getBytes(UTF_8));
        assertThat(store.read(DIGEST).plan()).isEmpty();
        assertThat(store.write(DIGEST, PLAN, store.read(DIGEST).epoch()).getEpoch()).isEqualTo(3);
    }

    @Test
    void the_epoch_outlives_the_session() throws Exception {
        store.write(DIGEST, PLAN, 0);
        KillSession.kill(connection.client().getZookeeperClient().getZooKeeper());
        assertThat(store.write(DIGEST, PLAN, store.read(DIGEST).epoch()).getEpoch()).isEqualTo(2);
    }
}
