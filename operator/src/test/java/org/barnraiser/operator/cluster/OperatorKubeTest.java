package org.barnraiser.operator.cluster;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.barnraiser.operator.kube.KubeApi;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.operator.kube.Tree;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One InferenceCluster's life, from its creation to its deletion, on a real API server with the real operator and pods that are processes.
 * The tests follow each other, as starting all of it anew for each would take minutes.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OperatorKubeTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String CLUSTERS = "/apis/barnraiser.org/v1alpha1/namespaces/default/inferenceclusters";
    private static final String PODS = "/api/v1/namespaces/default/pods";
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    private static Path folder;

    private static @Nullable ControlPlane started;
    private static @Nullable PodRunner runner;
    private static @Nullable Child operator;
    private static KubeApi api;
    private static Path model;

    @BeforeAll
    static void start() throws Exception {
        Optional<Path> programs = ControlPlane.programs();
        Assumptions.assumeTrue(programs.isPresent(), "no control plane");
        ControlPlane plane = ControlPlane.start(programs.get(), folder.resolve("kube"));
        started = plane;
        api = plane.api();
        installDefinition();
        runner = new PodRunner(plane.api(), "default", folder.resolve("pods"));
        model = copyOfTheDemoModel("first.gguf");
        operator = startOperator("one");
    }

    @AfterAll
    static void stop() throws Exception {
        if (operator != null) {
            operator.close();
        }
        if (runner != null) {
            runner.close();
        }
        if (started != null) {
            started.close();
        }
    }

    private static ControlPlane plane() {
        return java.util.Objects.requireNonNull(started);
    }

    private static PodRunner pods() {
        return java.util.Objects.requireNonNull(runner);
    }

    private static Child operatorNow() {
        return java.util.Objects.requireNonNull(operator);
    }

    private static Child startOperator(String identity) throws IOException {
        return Child.java("org.barnraiser.operator.OperatorMain", 128,
                List.of("--namespace", "default", "--identity", identity, "--port", "0", "--look-seconds", "1",
                        "--silence-seconds", "15"),
                Map.of("KUBECONFIG", plane().kubeconfig().toString()),
                Path.of("target/kube-logs/" + identity + ".log"));
    }

    private static void installDefinition() throws Exception {
        Path file = Path.of("../helm/barnraiser/crds/inferenceclusters.yaml");
        Object yaml = new org.yaml.snakeyaml.Yaml().load(Files.readString(file));
        JsonObject definition = new com.google.gson.Gson().toJsonTree(yaml).getAsJsonObject();
        api.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
        await("the definition is served", () -> {
            try {
                api.list(CLUSTERS, "");
                return true;
            } catch (KubeException _) {
                return false;
            }
        });
    }

    private static Path copyOfTheDemoModel(String name) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream demo = OperatorKubeTest.class
                .getResourceAsStream("/org/barnraiser/coordinator/cli/barnraiser-demo.gguf")) {
            Files.copy(java.util.Objects.requireNonNull(demo), file);
        }
        return file;
    }

    @Test
    @Order(1)
    void a_cluster_answers_a_chat_request_through_pods() throws Exception {
        api.create(CLUSTERS,
                Tree.parse("""
                           {"apiVersion":"barnraiser.org/v1alpha1","kind":"InferenceCluster","metadata":{"name":"town"},
                            "spec":{"model":{"source":"%s"},"drainSeconds":10,"images":{"worker":"worker:1"},
                             "pools":[{"name":"old","memory":"512M","minReplicas":1,"maxReplicas":3,"threads":1}]}}"""
                        .formatted(model)).object());
        awaitReady();
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
                "/api/v1/namespaces/default/services/town-coordinator")) {
            assertThat(api.get(path).orElse(Tree.NOTHING).at("metadata", "ownerReferences").items()).hasSize(1);
        }
    }

    @Test
    @Order(2)
    void what_is_settled_is_left_alone() throws Exception {
        await("three looks without a change", () -> {
            String before = versions();
            Awaitility.await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
            return versions().equals(before);
        });
    }

    private static String versions() throws KubeException {
        return cluster().at("metadata", "resourceVersion") + " " + api
                .get("/apis/apps/v1/namespaces/default/statefulsets/town-worker-old").orElse(Tree.NOTHING)
                .at("metadata", "resourceVersion");
    }

    @Test
    @Order(3)
    void more_workers_come_at_once() throws Exception {
        patchSpec("{\"replicas\":2}");
        await("two workers", () -> statusCount("readyReplicas") == 2 && registered() == 2);
        awaitReady();
        assertThat(api.get(CLUSTERS + "/town/scale").orElseThrow().at("status", "replicas").count(0)).isEqualTo(2);
    }

    @Test
    @Order(4)
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
    @Order(5)
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
    @Order(6)
    void fewer_workers_leave_after_their_layers_have_moved() throws Exception {
        patchSpec("{\"replicas\":1}");
        await("one worker", () -> workers().size() == 1 && registered() == 1);
        awaitReady();
        assertThat(chat()).contains("\"content\"");
    }

    @Test
    @Order(7)
    void another_operator_takes_over_when_the_first_ends() throws Exception {
        Child second = startOperator("two");
        Child first = operatorNow();
        operator = second;
        first.terminate();
        assertThat(first.awaitExit(60)).as(first.output()).isZero();
        patchSpec("{\"replicas\":2}");
        await("two workers", () -> registered() == 2);
        assertThat(second.output()).contains("two leads");
    }

    @Test
    @Order(8)
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
        operator = startOperator("three");
        patchSpec("{\"replicas\":1}");
        await("one worker", () -> workers().size() == 1);
    }

    @Test
    @Order(9)
    void an_api_server_that_is_killed_costs_readers_nothing_and_one_that_hangs_ends_the_operator() throws Exception {
        await("the operator leads", () -> operatorNow().output().contains("three leads"));
        plane().apiServer().kill();
        assertThat(chat()).contains("\"content\"");
        plane().startApiServer();
        patchSpec("{\"replicas\":2}");
        await("two workers", () -> registered() == 2);
        assertThat(operatorNow().isAlive()).isTrue();

        plane().apiServer().signal("STOP");
        assertThat(operatorNow().awaitExit(90)).isEqualTo(1);
        assertThat(chat()).contains("\"content\"");
        plane().apiServer().signal("CONT");
        operator = startOperator("four");
        await("the operator leads", () -> operatorNow().output().contains("four leads"));
        awaitReady();
    }

    @Test
    @Order(10)
    void workers_that_nobody_asks_go_and_the_next_request_wakes_them() throws Exception {
        patchSpec("{\"replicas\":null,\"patienceSeconds\":120,\"autoscaling\":{\"zeroAfterSeconds\":6}}");
        await("a coordinator that keeps readers waiting", () -> onlyCoordinator().contains("--on-demand"));
        await("all sleep", () -> workers().isEmpty() && cluster().at("status", "phase").text().equals("Asleep")
                && condition("Ready").at("reason").text().equals("Asleep"));
        assertThat(chat()).contains("\"content\"");
        assertThat(reasonsOfEvents()).contains("FellAsleep", "Woke");
        patchSpec("{\"autoscaling\":{\"zeroAfterSeconds\":0}}");
        awaitReady();
    }

    @Test
    @Order(11)
    void another_model_replaces_the_first() throws Exception {
        Path second = copyOfTheDemoModel("second.gguf");
        patchSpec("{\"model\":{\"source\":\"" + second + "\"}}");
        await("a coordinator of the other model", () -> onlyCoordinator().contains("second.gguf"));
        awaitReady();
        assertThat(chat()).contains("\"content\"");
    }

    @Test
    @Order(12)
    void a_wrong_spec_is_explained_and_changes_nothing() throws Exception {
        patchSpec(
                "{\"pools\":[{\"name\":\"old\",\"memory\":\"512M\",\"minReplicas\":5,\"maxReplicas\":3,\"threads\":1}]}");
        await("it is refused", () -> condition("Valid").at("status").text().equals("False"));
        assertThat(condition("Valid").at("message").text()).contains("minReplicas is 5 and maxReplicas 3");
        assertThat(chat()).contains("\"content\"");
        patchSpec(
                "{\"pools\":[{\"name\":\"old\",\"memory\":\"512M\",\"minReplicas\":1,\"maxReplicas\":3,\"threads\":1}]}");
        await("it is in order", () -> condition("Valid").at("status").text().equals("True"));
    }

    @Test
    @Order(13)
    void a_deleted_cluster_is_drained_and_leaves_nothing() throws Exception {
        api.delete(CLUSTERS + "/town", OptionalInt.empty());
        await("it is gone", () -> api.get(CLUSTERS + "/town").isEmpty());
        await("its pods are gone", () -> api.list(PODS, "").isEmpty());
        await("its objects are gone", () -> api.list("/api/v1/namespaces/default/services",
                "app.kubernetes.io/instance=town").isEmpty());
    }

    private static Tree cluster() throws KubeException {
        return api.get(CLUSTERS + "/town").orElse(Tree.NOTHING);
    }

    private static Tree condition(String type) throws KubeException {
        return cluster().at("status", "conditions").items().stream()
                .filter(condition -> condition.at("type").text().equals(type)).findFirst().orElse(Tree.NOTHING);
    }

    private static int statusCount(String field) throws KubeException {
        return cluster().at("status", field).count(-1);
    }

    private static void patchSpec(String spec) throws KubeException {
        api.mergePatch(CLUSTERS + "/town", Tree.parse("{\"spec\":" + spec + "}").object());
    }

    /** Uids of the workers' pods, by name. */
    private static Map<String, String> workers() throws KubeException {
        Map<String, String> uids = new java.util.TreeMap<>();
        for (Tree pod : api.list(PODS, "app.kubernetes.io/component=worker")) {
            uids.put(pod.at("metadata", "name").text(), pod.at("metadata", "uid").text());
        }
        return uids;
    }

    private static List<String> images() throws KubeException {
        return api.list(PODS, "app.kubernetes.io/component=worker").stream()
                .map(pod -> pod.at("spec", "containers").items().getFirst().at("image").text()).sorted().toList();
    }

    /** The arguments of the one coordinator that there is, once readers reach it. */
    private static String onlyCoordinator() throws KubeException {
        List<Tree> all = api.list(PODS, "app.kubernetes.io/component=coordinator");
        boolean settled = all.size() == 1 && pods().addresses("town-coordinator").size() == 1;
        return settled ? all.getFirst().at("spec", "containers").items().getFirst().at("args").toString() : "";
    }

    private static List<String> reasonsOfEvents() throws KubeException {
        return api.list("/api/v1/namespaces/default/events", "").stream().map(event -> event.at("reason").text())
                .toList();
    }

    private static URI endpoint() {
        List<String> addresses = pods().addresses("town-coordinator");
        return URI.create("http://" + (addresses.isEmpty() ? "127.0.0.1" : addresses.getFirst()) + ":8080");
    }

    /** Workers that the coordinator knows. */
    private static int registered() throws Exception {
        HttpResponse<String> answer = HTTP.send(HttpRequest.newBuilder(endpoint().resolve("/api/cluster"))
                .timeout(Duration.ofSeconds(5)).build(), HttpResponse.BodyHandlers.ofString());
        return Tree.parse(answer.body()).at("workers").items().size();
    }

    private static HttpResponse<String> ask() throws IOException, InterruptedException {
        return HTTP.send(HttpRequest.newBuilder(endpoint().resolve("/v1/chat/completions")).timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers
                        .ofString("""
                                  {"messages":[{"role":"user","content":"Who raises a barn?"}],"max_tokens":12}"""))
                .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String chat() throws IOException, InterruptedException {
        HttpResponse<String> answer = ask();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private static void awaitReady() throws Exception {
        await("the cluster is ready", () -> condition("Ready").at("status").text().equals("True")
                && cluster().at("status", "observedGeneration").number(-1) == cluster().at("metadata", "generation")
                        .number(0));
    }

    private static void await(String what, Callable<Boolean> condition) throws IOException {
        try {
            Awaitility.await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(250)).ignoreExceptions()
                    .until(condition);
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            throw new AssertionError(what + " does not come about. Status: " + status() + "\nOperator: "
                    + (operator == null ? "" : operator.output()) + "\n" + pods().logs(), e);
        }
    }

    private static String status() {
        try {
            return cluster().at("status").toString();
        } catch (KubeException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
