package org.barnraiser.coordinator.cluster;

import io.prometheus.client.Collector.MetricFamilySamples;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.weights.WeightsService;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.UnloadRequest;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.manners.Courtesy;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** Two models, and machines that have room for one. */
class SharedMachinesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LAYERS = 4;
    private static final OpenModel ONE = OpenModel.of(new PlainShardSource(LAYERS, "one", "01".repeat(32)));
    private static final OpenModel TWO = OpenModel.of(new PlainShardSource(LAYERS, "two", "02".repeat(32)));

    @AutoClose
    private final TestCluster cluster = TestCluster.start();

    @Test
    void a_model_that_does_not_fit_beside_another_says_what_is_missing_and_leaves_it_alone() throws Exception {
        for (String id : List.of("w1", "w2")) {
            cluster.worker(id, 3 * PlainShardSource.LAYER_BYTES, EngineAbi.ENGINE_ABI_V0_5).register();
        }
        try (ClusterMember member = join(Map.of("2", "two"))) {
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(hosted(member))
                    .anyMatch(ClusterStatus.Hosted::ready)
                    .anySatisfy(model -> assertThat(model.reason()).contains("more needed")));
            ClusterStatus status = member.status().clusterStatus();
            ClusterStatus.Hosted lacking = hosted(member).filter(model -> !model.ready()).findFirst().orElseThrow();
            assertThat(status.troubles()).contains(lacking.name() + ": " + lacking.reason());
            assertThat(status.workers()).extracting(ClusterStatus.Worker::state).containsExactly("stage", "stage");
            assertThat(status.models()).extracting(ClusterStatus.Hosted::aliases).containsExactly(List.of(),
                    List.of("2"));
            assertThat(member.metrics().collect().stream().filter(family -> family.name.equals("barnraiser_plan_epoch"))
                    .flatMap(family -> family.samples.stream()).map(SharedMachinesTest::model))
                    .containsExactly("one", "two");
        }
    }

    @Test
    void an_alias_of_nothing_is_refused_by_name() {
        assertThatThrownBy(() -> join(Map.of("2", "three"))).isInstanceOf(ClusterException.class)
                .hasMessageContaining("three").hasMessageContaining("'one', 'two'");
    }

    @Test
    void what_was_loaded_of_a_model_that_is_not_hosted_any_more_is_freed_before_the_next_is_planned() throws Exception {
        ScriptedWorker w1 = cluster.worker("w1").register();
        ScriptedWorker w2 = cluster.worker("w2").register();
        try (ClusterMember member = join(List.of(ONE), Map.of())) {
            awaitAllReady(member);
        }
        try (ClusterMember member = join(List.of(TWO), Map.of())) {
            awaitAllReady(member);
            for (ScriptedWorker worker : List.of(w1, w2)) {
                assertThat(retired(worker)).containsExactly(ONE.source().description(1).digest());
            }
        }
        try (ClusterMember member = join(List.of(ONE), Map.of())) {
            awaitAllReady(member);
        }
    }

    @Test
    void nobody_waits_for_a_machine_that_cannot_be_told_to_free_memory_and_it_is_told_when_it_answers_again()
            throws Exception {
        ScriptedWorker w1 = cluster.worker("w1").register();
        cluster.worker("w2").register();
        try (ClusterMember member = join(List.of(ONE), Map.of())) {
            awaitAllReady(member);
        }
        cluster.worker("w3").register();
        w1.control().hang();
        try (ClusterMember member = join(List.of(TWO), Map.of())) {
            awaitAllReady(member);
            assertThat(retired(w1)).isEmpty();
        }
        w1.control().wakeUp();
        try (ClusterMember member = join(List.of(TWO), Map.of())) {
            awaitAllReady(member);
            assertThat(retired(w1)).containsExactly(ONE.source().description(1).digest());
        }
    }

    /** Models that it was told to free. */
    private static List<String> retired(ScriptedWorker worker) {
        return worker.control().unloads().stream().map(UnloadRequest::getModelDigest)
                .filter(digest -> !digest.isEmpty()).toList();
    }

    private static void awaitAllReady(ClusterMember member) {
        await().atMost(PATIENCE).until(() -> hosted(member).allMatch(ClusterStatus.Hosted::ready));
    }

    private ClusterMember join(Map<String, String> aliases) throws ClusterException {
        return join(List.of(ONE, TWO), aliases);
    }

    private ClusterMember join(List<OpenModel> models, Map<String, String> aliases) throws ClusterException {
        CoordinatorConfig config = CoordinatorConfig.of("unused", Path.of("unused"), Path.of("unused"))
                .withTimings(TestCluster.timings().withRollCall(Duration.ofSeconds(2))).withMinWorkers(2).withStages(2)
                .withAliases(aliases);
        return ClusterMember.join(cluster.zooKeeper(), models, config, "127.0.0.1:1",
                new WeightsService(OptionalLong.empty(), Courtesy.none()), Courtesy.none(), Links.PLAIN);
    }

    private static Stream<ClusterStatus.Hosted> hosted(ClusterMember member) {
        return member.status().clusterStatus().models().stream();
    }

    private static String model(MetricFamilySamples.Sample sample) {
        return sample.labelValues.get(sample.labelNames.indexOf("model"));
    }
}
