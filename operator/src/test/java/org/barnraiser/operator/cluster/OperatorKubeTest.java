package org.barnraiser.operator.cluster;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.operator.kube.Tree;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * One InferenceCluster's life, from its creation to its deletion, on a real API server with the real operator and pods that are processes.
 * The tests follow each other, as starting all of it anew for each would take minutes.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OperatorKubeTest extends TrustInTown {
    private static final String MONITORING = "/apis/monitoring.coreos.com/v1/namespaces/default";

    @Test
    @Order(10)
    void a_cluster_answers_a_chat_request_through_pods() throws Exception {
        chart.install(
                """
                {"model":{"source":"%s"},"drainSeconds":10,"images":{"worker":"worker:1"},"patienceSeconds":120,
                 "zookeeper":{"replicas":3},"autoscaling":{"zeroAfterSeconds":3600},
                 "ingress":{"host":"town.example.org","className":"nginx","tlsSecretName":"town-tls"},
                 "pools":[{"name":"old","memory":"512M","minReplicas":1,"maxReplicas":3,"threads":1,
                   "storage":{"size":"1Gi"}}]}"""
                        .formatted(model),
                folder);
        // Of a newer release than this operator's.
        patchSpec("{\"future\":{\"wish\":[1,{}]}}");
        awaitReady();
        readersKey = key("member");
        assertThat(chat()).contains("\"content\"");
        Tree cluster = cluster();
        assertThat(cluster.at("metadata", "finalizers").toString()).contains("barnraiser.org/drain");
        assertThat(cluster.at("status", "selector").text()).contains("app.kubernetes.io/instance=town");
        assertThat(cluster.at("status", "planEpoch").count(0)).isPositive();
        assertThat(condition("ModelFits").at("status").text()).isEqualTo("True");
        assertThat(condition("Ready").at("observedGeneration").number(0))
                .isEqualTo(cluster.at("metadata", "generation").number(-1));
        for (String path : List.of("/apis/policy/v1beta1/namespaces/default/poddisruptionbudgets/town-worker",
                "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies/town-zookeeper",
                "/apis/networking.k8s.io/v1/namespaces/default/ingresses/town-coordinator",
                MONITORING + "/servicemonitors/town-coordinator",
                "/api/v1/namespaces/default/services/town-coordinator")) {
            assertThat(api.get(path).orElse(Tree.NOTHING).at("metadata", "ownerReferences").items()).hasSize(1);
        }
    }

    @Test
    @Order(20)
    void what_is_settled_is_left_alone() throws Exception {
        await("three looks without a change", () -> {
            String before = versions();
            Awaitility.await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
            return versions().equals(before);
        });
    }

    private static String versions() throws KubeException {
        return cluster().at("metadata", "resourceVersion") + " " + api
                .get("/apis/apps/v1/namespaces/default/statefulsets/town-worker-old").orElse(Tree.NOTHING)
                .at("metadata", "resourceVersion");
    }

    @Test
    @Order(45)
    void prometheus_and_readers_outside_find_it() throws Exception {
        Tree scraped = api.get(MONITORING + "/servicemonitors/town-coordinator").orElseThrow().at("spec", "endpoints")
                .items().getFirst();
        assertThat(scraped.at("authorization", "credentials").toString()).isEqualTo(
                "{\"key\":\"member\",\"name\":\"town-keys\"}");
        assertThat(api.get(MONITORING + "/servicemonitors/barnraiser-operator")).isPresent();
        assertThat(api.get(MONITORING + "/prometheusrules/barnraiser").orElseThrow().at("spec", "groups").items()
                .getFirst().at("rules").items()).hasSizeGreaterThan(5);
        Tree ingress = api.get("/apis/networking.k8s.io/v1/namespaces/default/ingresses/town-coordinator")
                .orElseThrow().at("spec");
        assertThat(ingress.at("rules").items().getFirst().at("host").text()).isEqualTo("town.example.org");
        assertThat(ingress.at("tls").items().getFirst().at("secretName").text()).isEqualTo("town-tls");
    }

    @Test
    @Order(46)
    void the_charts_own_test_finds_all_well() {
        chart.test();
    }

    @Test
    @Order(50)
    void more_workers_come_at_once() throws Exception {
        patchSpec("{\"replicas\":2}");
        await("two workers", () -> statusCount("readyReplicas") == 2 && registered() == 2);
        awaitReady();
        assertThat(api.get(CLUSTERS + "/town/scale").orElseThrow().at("status", "replicas").count(0)).isEqualTo(2);
    }

    @Test
    @Order(60)
    void a_worker_that_hangs_is_replaced_and_no_other() throws Exception {
        Map<String, String> before = workers();
        String victim = "town-worker-old-0";
        pods().process(victim).orElseThrow().signal("STOP");
        await("another pod of the same name", () -> workers().size() == 2
                && !java.util.Objects.equals(workers().get(victim), before.get(victim)));
        awaitReady();
        await("both are there again", () -> registered() == 2);
        assertThat(workers()).containsEntry("town-worker-old-1", before.get("town-worker-old-1"));
        assertThat(chat()).contains("\"content\"");
        assertThat(reasonsOfEvents()).contains("ReplacedWorker");
    }

    @Test
    @Order(70)
    void a_new_image_comes_to_one_worker_after_the_other_and_no_answer_is_lost() throws Exception {
        CompletableFuture<List<Integer>> readers = askUntilUpgraded();
        patchSpec("{\"images\":{\"worker\":\"worker:2\"}}");
        await("both run the new image", () -> images().equals(List.of("worker:2", "worker:2")));
        awaitReady();
        await("up to date", () -> condition("Upgraded").at("reason").text().equals("UpToDate"));
        assertThat(readers.join()).isNotEmpty().containsOnly(200);
    }

    /** Asks one question after the other until all workers are up to date. */
    private static CompletableFuture<List<Integer>> askUntilUpgraded() {
        return CompletableFuture.supplyAsync(() -> {
            List<Integer> statuses = new ArrayList<>();
            try {
                do {
                    statuses.add(ask().statusCode());
                } while (!images().equals(List.of("worker:2", "worker:2")) && statuses.size() < 2000);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return statuses;
        });
    }

    @Test
    @Order(80)
    void fewer_workers_leave_after_their_layers_have_moved() throws Exception {
        patchSpec("{\"replicas\":1}");
        await("one worker", () -> workers().size() == 1 && registered() == 1);
        awaitReady();
        assertThat(chat()).contains("\"content\"");
    }

    @Test
    @Order(90)
    void another_operator_takes_over_when_the_first_ends() throws Exception {
        Child second = startOperator("two", PATIENT_LEASE);
        Child first = operatorNow();
        operator = second;
        first.terminate();
        assertThat(first.awaitExit(60)).as(first.output()).isZero();
        patchSpec("{\"replicas\":2}");
        await("two workers", () -> registered() == 2);
        assertThat(second.output()).contains("two leads");
    }

    @Test
    @Order(100)
    void an_api_server_that_is_killed_costs_neither_readers_nor_the_operator_anything() throws Exception {
        plane().apiServer().destroyForcibly().onExit().join();
        assertThat(chat()).contains("\"content\"");
        plane().restartApiServer();
        await("the definition is served again", () -> api.list(CLUSTERS, "").size() == 1);
        patchSpec("{\"replicas\":1}");
        await("one worker", () -> workers().size() == 1);
        assertThat(operatorNow().isAlive()).isTrue();
    }

    @Test
    @Order(110)
    void an_operator_that_lost_its_lease_ends_with_an_error_and_the_next_goes_on() throws Exception {
        String lease = "/apis/coordination.k8s.io/v1/namespaces/default/leases/barnraiser-operator";
        await("the lease is taken over", () -> {
            JsonObject stolen = api.get(lease).orElseThrow().object().deepCopy();
            stolen.getAsJsonObject("spec").addProperty("holderIdentity", "somebody-else");
            stolen.getAsJsonObject("spec").addProperty("leaseDurationSeconds", 1);
            try {
                api.replace(lease, stolen);
                return true;
            } catch (KubeException e) {
                return false;
            }
        });
        assertThat(operatorNow().awaitExit(60)).isEqualTo(1);
        assertThatThrownBy(chart::test).as("nobody looks after the cluster").hasMessageContaining("barnraiser-test");
        operator = startOperator("three", SHORT_LEASE);
        patchSpec("{\"replicas\":2}");
        await("two workers", () -> registered() == 2);
    }

    @Test
    @Order(120)
    void an_api_server_that_hangs_ends_the_operator_and_costs_readers_nothing() throws Exception {
        await("the operator leads", () -> operatorNow().output().contains("three leads"));
        signal("STOP");
        assertThat(operatorNow().awaitExit(90)).isEqualTo(1);
        assertThat(chat()).contains("\"content\"");
        signal("CONT");
        operator = startOperator("four", PATIENT_LEASE);
        await("the operator leads", () -> operatorNow().output().contains("four leads"));
        awaitReady();
    }

    @Test
    @Order(130)
    void workers_that_nobody_asks_go_and_the_next_request_wakes_them() throws Exception {
        assertThat(onlyCoordinator()).as("it keeps readers waiting").contains("--on-demand");
        patchSpec("{\"replicas\":null,\"autoscaling\":{\"zeroAfterSeconds\":4}}");
        await("all sleep", () -> workers().isEmpty() && cluster().at("status", "phase").text().equals("Asleep")
                && condition("Ready").at("reason").text().equals("Asleep"));
        assertThat(chat()).contains("\"content\"");
        assertThat(reasonsOfEvents()).contains("FellAsleep", "Woke");
        patchSpec("{\"autoscaling\":{\"zeroAfterSeconds\":3600}}");
        awaitReady();
    }

    @Test
    @Order(140)
    void another_model_replaces_the_first() throws Exception {
        Path second = copyOfTheDemoModel("second.gguf");
        patchSpec("{\"model\":{\"source\":\"" + second + "\"}}");
        await("a coordinator of the other model", () -> onlyCoordinator().contains("second.gguf"));
        awaitReady();
        assertThat(chat()).contains("\"content\"");
    }

    @Test
    @Order(150)
    void workers_come_until_the_model_fits_then_by_demand_and_leave_slowly() throws Throwable {
        patchSpec("""
                  {"autoscaling":{"enabled":true,"waitingReaders":2,"scaleUpSeconds":1,"scaleDownSeconds":3},
                   "pools":[%s]}""".formatted(pool("old", 1, "Delete")));
        await("a second worker, as the model is too large for one",
                () -> statusCount("neededReplicas") == 2 && workers().size() == 2
                        && condition("ModelFits").at("message").text().contains("has 2 stages"));
        awaitReady();
        whileReadersAsk(() -> await("a third for readers who wait", () -> statusCount("desiredReplicas") == 3));
        await("no more than the model needs", () -> statusCount("desiredReplicas") == 2 && workers().size() == 2);
        assertThat(chat()).contains("\"content\"");
    }

    private static void whileReadersAsk(ThrowingRunnable work) throws Throwable {
        AtomicBoolean stop = new AtomicBoolean();
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> asking = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                asking.add(readers.submit(() -> {
                    while (!stop.get()) {
                        askForLong();
                    }
                    return true;
                }));
            }
            try {
                work.run();
            } finally {
                stop.set(true);
            }
            for (Future<Boolean> reader : asking) {
                assertThat(reader.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    @Test
    @Order(155)
    void an_upgrade_that_would_cost_answers_waits_and_says_why() throws Throwable {
        patchSpec("{\"pools\":[%s]}".formatted(pool("old", 1, "Delete").replace("\"maxReplicas\":3",
                "\"maxReplicas\":2")));
        whileReadersAsk(() -> {
            await("readers are being answered", () -> statusCount("running") > 0);
            patchSpec("{\"images\":{\"worker\":\"worker:3\"}}");
            await("it says why", () -> condition("Upgraded").at("reason").text().equals("NoSpareWorker"));
            assertThat(condition("Upgraded").at("message").text()).contains("no other worker has room", "maxReplicas");
            assertThat(images()).as("nothing has happened").containsOnly("worker:2");
            patchSpec("{\"images\":{\"worker\":\"worker:2\"}}");
            await("up to date", () -> condition("Upgraded").at("reason").text().equals("UpToDate"));
        });
    }

    @Test
    @Order(160)
    void a_wrong_spec_is_explained_and_changes_nothing() throws Exception {
        patchSpec("{\"pools\":[" + pool("old", 5, "Delete") + "]}");
        await("it is refused", () -> condition("Valid").at("status").text().equals("False"));
        assertThat(condition("Valid").at("message").text()).contains("minReplicas is 5 and maxReplicas 3");
        assertThat(chat()).contains("\"content\"");
        patchSpec("{\"pools\":[" + pool("old", 1, "Delete") + "]}");
        await("it is in order", () -> condition("Valid").at("status").text().equals("True"));
    }

    @Test
    @Order(170)
    void a_deleted_cluster_is_drained_and_leaves_nothing() throws Exception {
        String claims = "/api/v1/namespaces/default/persistentvolumeclaims";
        assertThat(api.get(claims + "/data-town-worker-old-0")).isPresent();
        patchSpec("{\"pools\":[%s,%s]}".formatted(
                pool("old", 1, "Delete"), pool("kept", 0, "Retain")));
        var _ = api.create(claims, Tree.parse(
                """
                {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data-town-worker-kept-0","labels":{
                  "app.kubernetes.io/name":"barnraiser","app.kubernetes.io/instance":"town",
                  "app.kubernetes.io/component":"worker","barnraiser.org/pool":"kept"}},
                 "spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""")
                .object());
        assertThat(cluster().at("spec", "future").toString()).as("what this operator does not know is kept")
                .isEqualTo("{\"wish\":[1,{}]}");
        api.delete(CLUSTERS + "/town", OptionalInt.empty());
        await("it is gone", () -> api.get(CLUSTERS + "/town").isEmpty());
        await("its pods are gone", () -> api.list(PODS, "app.kubernetes.io/instance=town").isEmpty());
        await("what its workers kept is gone", () -> api.get(claims + "/data-town-worker-old-0").isEmpty());
        assertThat(api.get(claims + "/data-town-worker-kept-0")).as("it is to be retained").isPresent();
        await("its secrets are gone", () -> api.list("/api/v1/namespaces/default/secrets",
                "app.kubernetes.io/instance=town").isEmpty());
        await("its objects are gone", () -> api.list("/api/v1/namespaces/default/services",
                "app.kubernetes.io/instance=town").isEmpty());
    }

    /** Of workers on which the demo model fits only in pairs. */
    private static String pool(String name, int min, String onDelete) {
        return """
               {"name":"%s","memory":"107M","minReplicas":%d,"maxReplicas":3,"threads":1,
                "storage":{"size":"1Gi","onDelete":"%s"}}""".formatted(name, min, onDelete);
    }

    /** To the API server. */
    private static void signal(String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(plane().apiServer().pid())).start().waitFor())
                .isZero();
    }
}
