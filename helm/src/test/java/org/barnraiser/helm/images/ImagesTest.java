package org.barnraiser.helm.images;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.curator.test.TestingServer;
import org.barnraiser.helm.Tool;
import org.barnraiser.testing.FreePort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What the images hold starts as in the compose file, calls itself healthy, and answers. */
class ImagesTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    @Test
    void the_containers_of_the_compose_file_answer_together() throws Exception {
        Tool.require("bash", "bash");
        Tool.require("setpriv", "util-linux");
        Contained.requireReadableJava(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        int port = FreePort.take();
        try (TestingServer zooKeeper = new TestingServer()) {
            UnaryOperator<String> here = text -> switch (text) {
                case "zookeeper:2181" -> zooKeeper.getConnectString();
                case "coordinator:9091", "worker-1:9090", "worker-2:9090" -> "127.0.0.1:0";
                case "8080" -> Integer.toString(port);
                case "0.0.0.0" -> "127.0.0.1";
                default -> text;
            };
            try (Contained coordinator = start("coordinator", "coordinator", here);
                    Contained first = start("worker", "worker-1", here);
                    Contained second = start("worker", "worker-2", here)) {
                for (Contained container : new Contained[]{coordinator, first, second}) {
                    // Each check is a Java that starts; one after the other they would leave the containers little of the machine.
                    await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(2))
                            .until(() -> container.isHealthy() || !container.isAlive());
                    assertThat(container.isAlive()).as(container.output()).isTrue();
                }
                URI url = URI.create("http://127.0.0.1:" + port);
                try (HttpClient http = HttpClient.newHttpClient()) {
                    await().atMost(PATIENCE)
                            .until(() -> http.send(HttpRequest.newBuilder(url.resolve("/readyz")).build(),
                                    BodyHandlers.ofString()).statusCode() == 200);
                    var answer = http.send(HttpRequest.newBuilder(url.resolve("/v1/completions"))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString("""
                                                                      {"prompt": "Barnraiser is", "max_tokens": 5}"""))
                            .build(), BodyHandlers.ofString());
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                }
                second.stop();
                assertThat(second.isAlive()).isFalse();
                assertThat(second.isHealthy()).isFalse();
            }
        }
    }

    @Test
    void the_operator_starts_from_its_files() throws Exception {
        Tool.require("setpriv", "util-linux");
        Contained.requireReadableJava(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path root = Files.createDirectories(folder.resolve("operator"));
        try (Contained operator = Image.layOut("operator", root).start(List.of("operator", "--help"),
                UnaryOperator.identity(), folder.resolve("operator.log"))) {
            await().atMost(PATIENCE).until(() -> !operator.isAlive());
            assertThat(operator.output()).contains("--namespace");
        }
    }

    private Contained start(String target, String service, UnaryOperator<String> here) throws IOException {
        Path root = Files.createDirectories(folder.resolve(service));
        return Image.layOut(target, root).start(Compose.command(service), here, folder.resolve(service + ".log"));
    }
}
