package org.barnraiser.operator.cluster;

import com.google.gson.JsonObject;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.util.Config;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.barnraiser.operator.kube.KubeApi;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.operator.kube.Offers;
import org.barnraiser.operator.kube.Tree;
import org.barnraiser.testing.FreePort;
import org.barnraiser.testing.kube.ControlPlane;
import org.barnraiser.testing.kube.MonitoringKinds;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** A cluster called town on a real API server, with the real operator and pods that are processes, and how tests look at it and ask it. */
abstract class Town {
    static final Duration PATIENCE = Duration.ofMinutes(2);
    static final String CLUSTERS = "/apis/barnraiser.org/v1alpha1/namespaces/default/inferenceclusters";
    static final String DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    static final String PODS = "/api/v1/namespaces/default/pods";
    /** So that a busy machine does not cost it. */
    static final int PATIENT_LEASE = 60;
    static final int SHORT_LEASE = 9;
    static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    static Path folder;

    static @Nullable ControlPlane started;
    static @Nullable PodRunner runner;
    static @Nullable Child operator;
    static Chart chart;
    static KubeApi api;
    static Path model;
    static String readersKey = "";

    @BeforeAll
    static void start() throws Exception {
        Optional<Path> programs = ControlPlane.programs();
        Assumptions.assumeTrue(programs.isPresent(), "no control plane");
        ControlPlane plane = new ControlPlane(programs.get(), folder.resolve("kube"));
        started = plane;
        api = admin();
        awaitApiServer();
        plane.startControllers();
        installDefinition();
        for (Tree kind : Tree.parse(MonitoringKinds.JSON).at("items").items()) {
            api.create(DEFINITIONS, kind.object());
        }
        await("Prometheus' operator's kinds are served", () -> Offers.of(api).serviceMonitors());
        OperatorRights.give(api, "operator");
        runner = new PodRunner(admin(), "default", folder.resolve("pods"));
        model = copyOfTheDemoModel("first.gguf");
        chart = new Chart(plane.kubeconfig("admin"));
        operator = startOperator("one", PATIENT_LEASE);
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

    static ControlPlane plane() {
        return java.util.Objects.requireNonNull(started);
    }

    static KubeApi admin() throws IOException {
        return new KubeApi(adminClient());
    }

    static ApiClient adminClient() throws IOException {
        try (Reader config = Files.newBufferedReader(plane().kubeconfig("admin"))) {
            return Config.fromConfig(config).setVerifyingSsl(false);
        }
    }

    static void awaitApiServer() {
        Awaitility.await("the API server").atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).ignoreExceptions()
                .until(() -> api.get("/api/v1/namespaces/default").isPresent());
    }

    static PodRunner pods() {
        return java.util.Objects.requireNonNull(runner);
    }

    static Child operatorNow() {
        return java.util.Objects.requireNonNull(operator);
    }

    /** With no other rights than the chart gives it. */
    static Child startOperator(String identity, int leaseSeconds) throws IOException {
        int port = FreePort.take();
        pods().replaceInScripts(Map.of("barnraiser-operator 8081", "127.0.0.1 " + port));
        return Child.java("org.barnraiser.operator.OperatorMain", 128,
                List.of("--namespace", "default", "--identity", identity, "--port", Integer.toString(port),
                        "--look-seconds", "1", "--silence-seconds", "15", "--lease-seconds",
                        Integer.toString(leaseSeconds)),
                Map.of("KUBECONFIG", plane().kubeconfig("operator").toString()),
                Path.of("target/kube-logs/" + identity + ".log"));
    }

    static void installDefinition() throws Exception {
        Path file = Path.of("../helm/barnraiser/crds/inferenceclusters.yaml");
        Object yaml = new org.yaml.snakeyaml.Yaml().load(Files.readString(file));
        JsonObject definition = new com.google.gson.Gson().toJsonTree(yaml).getAsJsonObject();
        // As in a newer release than this operator's.
        new Tree(definition).at("spec", "versions").items().getFirst()
                .at("schema", "openAPIV3Schema", "properties", "spec", "properties").object()
                .add("future", Tree.parse("{\"type\":\"object\",\"x-kubernetes-preserve-unknown-fields\":true}")
                        .object());
        api.create(DEFINITIONS, definition);
        await("the definition is served", () -> {
            try {
                api.list(CLUSTERS, "");
                return true;
            } catch (KubeException _) {
                return false;
            }
        });
    }

    static Path copyOfTheDemoModel(String name) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream demo = OperatorKubeTest.class
                .getResourceAsStream("/org/barnraiser/coordinator/cli/barnraiser-demo.gguf")) {
            Files.copy(java.util.Objects.requireNonNull(demo), file);
        }
        return file;
    }

    static Tree cluster() throws KubeException {
        return api.get(CLUSTERS + "/town").orElse(Tree.NOTHING);
    }

    static Tree condition(String type) throws KubeException {
        return cluster().at("status", "conditions").items().stream()
                .filter(condition -> condition.at("type").text().equals(type)).findFirst().orElse(Tree.NOTHING);
    }

    static int statusCount(String field) throws KubeException {
        return cluster().at("status", field).count(-1);
    }

    static void patchSpec(String spec) throws KubeException {
        api.mergePatch(CLUSTERS + "/town", Tree.parse("{\"spec\":" + spec + "}").object());
    }

    /** Uids of the workers' pods, by name. */
    static Map<String, String> workers() throws KubeException {
        Map<String, String> uids = new java.util.TreeMap<>();
        for (Tree pod : api.list(PODS, "app.kubernetes.io/component=worker")) {
            uids.put(pod.at("metadata", "name").text(), pod.at("metadata", "uid").text());
        }
        return uids;
    }

    static List<String> images() throws KubeException {
        return api.list(PODS, "app.kubernetes.io/component=worker").stream()
                .map(pod -> pod.at("spec", "containers").items().getFirst().at("image").text()).sorted().toList();
    }

    /** The arguments of the one coordinator that there is, once readers reach it. */
    static String onlyCoordinator() throws KubeException {
        List<Tree> all = api.list(PODS, "app.kubernetes.io/component=coordinator");
        boolean settled = all.size() == 1 && pods().addresses("town-coordinator").size() == 1;
        return settled ? all.getFirst().at("spec", "containers").items().getFirst().at("args").toString() : "";
    }

    static List<String> reasonsOfEvents() throws KubeException {
        return api.list("/api/v1/namespaces/default/events", "").stream().map(event -> event.at("reason").text())
                .toList();
    }

    static URI endpoint() {
        List<String> addresses = pods().addresses("town-coordinator");
        return URI.create("http://" + (addresses.isEmpty() ? "127.0.0.1" : addresses.getFirst()) + ":8080");
    }

    /** Workers that the coordinator knows. */
    static int registered() throws Exception {
        return Tree.parse(get("/api/cluster", key("member")).body()).at("workers").items().size();
    }

    static String key(String role) throws KubeException {
        return new String(Base64.getDecoder().decode(api.get("/api/v1/namespaces/default/secrets/town-keys")
                .orElseThrow().at("data", role).text()), StandardCharsets.US_ASCII);
    }

    /** @param key empty for none */
    static HttpResponse<String> get(String path, String key) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(endpoint().resolve(path)).timeout(Duration.ofSeconds(30));
        if (!key.isEmpty()) {
            request.header("Authorization", "Bearer " + key);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    static HttpResponse<String> ask() throws IOException, InterruptedException {
        return post("/v1/chat/completions",
                """
                {"messages":[{"role":"user","content":"Who raises a barn?"}],"max_tokens":12}""");
    }

    /** For more than a moment's work. */
    static void askForLong() throws IOException, InterruptedException {
        HttpResponse<String> answer = post("/v1/completions", """
                                                              {"prompt":"Once","max_tokens":400,"ignore_eos":true}""");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return HTTP.send(HttpRequest.newBuilder(endpoint().resolve(path)).timeout(PATIENCE)
                .header("Content-Type", "application/json").header("Authorization", "Bearer " + readersKey)
                .POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
    }

    static String chat() throws IOException, InterruptedException {
        HttpResponse<String> answer = ask();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    static void awaitReady() throws Exception {
        await("the cluster is ready", () -> condition("Ready").at("status").text().equals("True")
                && cluster().at("status", "observedGeneration").number(-1) == cluster().at("metadata", "generation")
                        .number(0));
    }

    static void await(String what, Callable<Boolean> condition) throws IOException {
        try {
            Awaitility.await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(250)).ignoreExceptions()
                    .until(condition);
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            throw new AssertionError(what + " does not come about. Status: " + status() + "\nOperator: "
                    + (operator == null ? "" : operator.output()) + "\n" + pods().logs(), e);
        }
    }

    static String status() {
        try {
            return cluster().at("status").toString();
        } catch (KubeException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
