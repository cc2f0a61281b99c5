package org.barnraiser.helm.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.apache.curator.test.TestingServer;
import org.barnraiser.helm.SourceTree;
import org.barnraiser.helm.Tool;
import org.barnraiser.testing.FreePort;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Every step of each image executed, on a root of its own, and its container started there until its health check passes:
 * {@code helm/src/test/images/base.sh && ./barn test -Dtest=ImageStepsTest -Dbarnraiser.images=true}. Not in every run, as it takes root, the
 * network, and a minute.
 */
class ImageStepsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir
    private Path folder;

    @BeforeAll
    static void wanted() throws Exception {
        if (!Boolean.getBoolean("barnraiser.images")) {
            System.out.println("SKIPPED: the images' steps are executed with -Dbarnraiser.images=true alone.");
            Assumptions.abort("not wanted");
        }
        Tool.require("unshare", "util-linux");
        Assumptions.assumeTrue(Contained.isRoot(), "mounting takes root");
    }

    private static Path base() throws IOException, InterruptedException {
        String given = System.getenv().getOrDefault("BARN_IMAGE_BASE", "");
        Path base = given.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache", "barnraiser", "image-base")
                : Path.of(given);
        if (!Files.exists(base.resolve("etc/debian_version"))) {
            throw new AssertionError("There is no " + base + "; helm/src/test/images/base.sh makes it.");
        }
        return base;
    }

    @Test
    void coordinator_and_worker_are_healthy_on_what_their_steps_have_made() throws Exception {
        int port = FreePort.take();
        try (TestingServer zooKeeper = new TestingServer()) {
            UnaryOperator<String> here = text -> switch (text) {
                case "zookeeper:2181" -> zooKeeper.getConnectString();
                case "coordinator:9091", "worker-1:9090" -> "127.0.0.1:0";
                case "8080" -> Integer.toString(port);
                case "0.0.0.0" -> "127.0.0.1";
                default -> text;
            };
            healthy("coordinator", Compose.command("coordinator"), here);
            healthy("worker", Compose.command("worker-1"), here);
        }
    }

    @Test
    void the_operator_is_healthy_on_what_its_steps_have_made() throws Exception {
        int port = FreePort.take();
        // It waits for an API server, which is healthy too.
        Path kubeconfig = Files.writeString(folder.resolve("kubeconfig"),
                """
                {"apiVersion":"v1","kind":"Config","current-context":"c","clusters":[{"name":"c","cluster":
                  {"server":"http://127.0.0.1:1"}}],"users":[{"name":"c","user":{}}],
                 "contexts":[{"name":"c","context":{"cluster":"c","user":"c"}}]}""");
        healthy("operator", List.of("operator", "--port", Integer.toString(port)),
                text -> text.equals("8081") ? Integer.toString(port) : text, Map.of("KUBECONFIG", kubeconfig));
    }

    private void healthy(String target, List<String> command, UnaryOperator<String> addresses) throws Exception {
        healthy(target, command, addresses, Map.of());
    }

    @Test
    void a_worker_on_another_build_of_llama_cpp_is_healthy_on_what_its_steps_have_made() throws Exception {
        // The official images have theirs there.
        Path build = SourceTree.path(".cache/llama-v0.5.0");
        Assumptions.assumeTrue(Files.isDirectory(build), "there is no newer llama.cpp here");
        try (TestingServer zooKeeper = new TestingServer()) {
            healthy("worker-gpu", Compose.command("worker-1"), text -> switch (text) {
                case "zookeeper:2181" -> zooKeeper.getConnectString();
                case "worker-1:9090" -> "127.0.0.1:0";
                default -> text;
            }, Map.of());
        }
    }

    /** @param files that the container is shown, by the variable that names them */
    private void healthy(String target, List<String> command, UnaryOperator<String> addresses,
            Map<String, Path> files) throws Exception {
        ImageSteps steps = new ImageSteps(base(), Files.createDirectories(folder.resolve(target)));
        if (target.equals("worker-gpu")) {
            steps.lay(SourceTree.path(".cache/llama-v0.5.0"), "/app");
        }
        steps.build(target);
        files.forEach(steps::show);
        Path script = Files.writeString(folder.resolve(target + ".sh"), steps.run(command, addresses));
        Path log = SourceTree.path("helm/target/image-" + target + ".log");
        Process process = new ProcessBuilder("unshare", "--mount", "--propagation", "private", "--pid", "--fork",
                "--kill-child", "bash", script.toString())
                .redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).until(
                    () -> !process.isAlive() || Files.readString(log).contains(ImageSteps.HEALTHY));
            assertThat(Files.readString(log)).contains(ImageSteps.HEALTHY);
        } finally {
            process.getOutputStream().close();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }
}
