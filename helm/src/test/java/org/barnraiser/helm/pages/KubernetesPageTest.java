package org.barnraiser.helm.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.barnraiser.coordinator.cli.Barn;
import org.barnraiser.helm.ApiServer;
import org.barnraiser.helm.SourceTree;
import org.barnraiser.helm.Tool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Every command of docs/kubernetes.md, in order. Helm's and kubectl's are done against a real API server; no pod runs there, so
 * what needs one is checked for what it names. Images are not built.
 */
class KubernetesPageTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path PAGE = SourceTree.path("docs/kubernetes.md");
    private static final String REGISTRY = "registry.example.org/";

    @TempDir
    private Path folder;

    @Test
    void images_that_are_built_exist_and_are_those_that_run() throws IOException {
        String dockerfile = Files.readString(SourceTree.path("Dockerfile"));
        String values = Files.readString(SourceTree.path("helm/barnraiser/values.yaml"));
        Set<String> built = new HashSet<>();
        for (List<String> words : commands("docker")) {
            if (words.get(1).equals("push")) {
                assertThat(built).contains(words.get(2));
                continue;
            }
            assertThat(words.get(1)).isEqualTo("build");
            assertThat(words.getLast()).isEqualTo(".");
            String tag = words.get(words.indexOf("--tag") + 1);
            assertThat(dockerfile).contains(" AS " + words.get(words.indexOf("--target") + 1) + "\n");
            assertThat(tag).startsWith(REGISTRY).contains(":0.1.0-SNAPSHOT");
            assertThat(values)
                    .contains("repository: " + tag.substring(REGISTRY.length(), tag.lastIndexOf(':')) + ",");
            if (words.contains("--build-arg")) {
                String argument = words.get(words.indexOf("--build-arg") + 1);
                assertThat(dockerfile).contains("ARG " + argument.substring(0, argument.indexOf('=') + 1));
            }
            built.add(tag);
        }
        assertThat(built).hasSize(4);
    }

    @Test
    void the_question_is_one_that_the_api_takes() throws IOException {
        List<List<String>> questions = commands("curl");
        assertThat(questions).singleElement().satisfies(words -> {
            assertThat(words.get(1)).isEqualTo("http://localhost:8080/v1/chat/completions");
            JsonNode body = JSON.readTree(words.get(words.indexOf("-d") + 1));
            assertThat(body.path("model").asText()).isEqualTo("barnraiser-demo");
            assertThat(body.path("messages").path(0).path("role").asText()).isEqualTo("user");
        });
    }

    @Test
    void helm_and_kubectl_do_what_the_page_says() throws Exception {
        try (ApiServer server = ApiServer.start(folder)) {
            HelmCommand helm = new HelmCommand(server.kubeconfig());
            List<String> done = new ArrayList<>();
            for (List<String> words : ShellPage.commands(PAGE)) {
                List<String> rest = words.subList(1, words.size());
                switch (words.getFirst()) {
                    case "helm" -> {
                        if (rest.getFirst().equals("test")) {
                            assertThat(done).contains("helm install " + rest.get(1));
                        } else {
                            helm.run(rest);
                        }
                        done.add("helm " + rest.getFirst() + " " + rest.get(1));
                    }
                    case "kubectl" -> kubectl(server, rest);
                    default -> assertThat(words.getFirst()).isIn("docker", "curl");
                }
                after(String.join(" ", words), server);
            }
            assertThat(done).containsExactly("helm install barnraiser", "helm test barnraiser",
                    "helm upgrade barnraiser", "helm uninstall barnraiser");
        }
    }

    @Test
    void what_is_run_in_pods_are_commands_that_exist() throws IOException {
        List<List<String>> commands = commands("kubectl").stream().filter(words -> words.contains("exec"))
                .map(words -> words.subList(words.indexOf("--") + 1, words.size())).toList();
        assertThat(commands).hasSizeGreaterThanOrEqualTo(2).allSatisfy(words -> {
            assertThat(words.getFirst()).isEqualTo("/barn/barn");
            // Refuses words and options that it does not know.
            assertThat(Barn.commandLine(Barn.class).parseArgs(words.subList(1, words.size()).toArray(String[]::new))
                    .subcommand())
                    .isNotNull();
        });
    }

    private static void kubectl(ApiServer server, List<String> words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(words);
        command.remove("--watch");
        String verb = command.stream().filter(word -> word.matches("port-forward|exec|logs|delete|apply|[a-z]+"))
                .filter(word -> !word.equals("barnraiser")).findFirst().orElseThrow();
        switch (verb) {
            // These ask pods; the operator makes those of coordinators for the cluster of that name.
            case "port-forward", "exec", "logs" -> {
                String object = command.stream().filter(word -> word.contains("/")).findFirst().orElseThrow();
                command = new ArrayList<>(List.of("--namespace", "barnraiser", "get", object.endsWith("-coordinator")
                        ? "inferencecluster/" + object.substring(object.indexOf('/') + 1).replace("-coordinator", "")
                        : object));
            }
            // Nobody is there to tidy up a namespace.
            case "delete" -> command.add("--wait=false");
            // This API server may be older than the rules that the definition contains; it leaves them out when asked in the old way.
            case "apply" -> {
                command.remove("--server-side");
                command.add("--validate=false");
            }
            default -> {
                // As it is.
            }
        }
        if (verb.equals("explain")) {
            // What a new definition says is published a moment after it was accepted.
            await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> succeeds(server, words));
        } else {
            succeeds(server, command);
        }
    }

    private static void succeeds(ApiServer server, List<String> command) throws IOException, InterruptedException {
        Tool.Result result = server.kubectl(command);
        assertThat(result.status()).as(command + ":\n" + result.output()).isZero();
    }

    /** What must be so when a command has been done. */
    private static void after(String command, ApiServer server) throws IOException, InterruptedException {
        if (command.startsWith("helm install")) {
            assertThat(get(server, "deployment", "barnraiser-operator", "{.spec.template.spec.containers[0].image}"))
                    .isEqualTo("registry.example.org/barnraiser/operator:0.1.0-SNAPSHOT");
            assertThat(get(server, "inferencecluster", "demo", "{.spec.model.source}"))
                    .isEqualTo("/barn/models/barnraiser-demo.gguf");
        } else if (command.contains(" scale ")) {
            assertThat(get(server, "inferencecluster", "demo", "{.spec.replicas}")).isEqualTo("3");
        } else if (command.contains("\"remove\"")) {
            assertThat(get(server, "inferencecluster", "demo", "{.spec.replicas}")).isEmpty();
        } else if (command.contains("zeroAfterSeconds")) {
            assertThat(get(server, "inferencecluster", "demo", "{.spec.autoscaling.zeroAfterSeconds}"))
                    .isEqualTo("1800");
        } else if (command.startsWith("helm uninstall")) {
            assertThat(server.kubectl(List.of("--namespace", "barnraiser", "get", "deployments,roles,configmaps",
                    "--selector", "app.kubernetes.io/name=barnraiser", "--output", "name")).output().strip())
                    .isEmpty();
        }
    }

    private static String get(ApiServer server, String kind, String name, String path)
            throws IOException, InterruptedException {
        Tool.Result result = server
                .kubectl(List.of("--namespace", "barnraiser", "get", kind, name, "--output", "jsonpath=" + path));
        assertThat(result.status()).as(result.output()).isZero();
        return result.output();
    }

    private static List<List<String>> commands(String program) throws IOException {
        return ShellPage.commands(PAGE).stream().filter(words -> words.getFirst().equals(program)).toList();
    }
}
