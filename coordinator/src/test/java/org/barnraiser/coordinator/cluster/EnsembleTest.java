package org.barnraiser.coordinator.cluster;

import java.time.Duration;
import java.util.List;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingCluster;
import org.barnraiser.coordinator.cluster.TestCluster.Answer;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.barnraiser.coordinator.cluster.TestCluster.awaitReady;

/** A ZooKeeper of three servers. */
class EnsembleTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int TOKENS = 80;

    @Test
    void one_zookeeper_server_of_three_may_die_and_neither_answers_nor_newcomers_notice() throws Exception {
        try (TestingCluster ensemble = new TestingCluster(3)) {
            ensemble.start();
            try (TestCluster cluster = new TestCluster(ensemble.getConnectString())) {
                cluster.worker("w1").register();
                ScriptedWorker tail = cluster.worker("w2").register();
                ClusterModel model = cluster.coordinator(2, 2, TestCluster.timings()).model();
                awaitReady(model);
                tail.stage().rememberAndPause(10);
                Answer answer = Answer.of(model, TOKENS);
                await().atMost(PATIENCE).until(() -> answer.tokens().size() >= 5);

                InstanceSpec used = ensemble
                        .findConnectionInstance(cluster.zooKeeper().getZookeeperClient().getZooKeeper());
                assertThat(ensemble.killServer(used)).isTrue();
                tail.stage().allowResults();

                assertThat(answer.end()).isEqualTo(new GenerationEnd.Length());
                assertThat(answer.tokens())
                        .containsExactlyElementsOf(ScriptedStage.answer(List.of(7, 8, 9), TOKENS));
                cluster.worker("w3").register();
                await().atMost(PATIENCE).untilAsserted(() -> assertThat(model.clusterStatus().workers())
                        .extracting(ClusterStatus.Worker::worker).containsExactlyInAnyOrder("w1", "w2", "w3"));
                assertThat(model.clusterStatus().plan().epoch()).as("the plan stands").isEqualTo(1);
            }
        }
    }
}
