package org.barnraiser.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class WorkerMainTest {
    private static final String WORKERS = "/barnraiser/services/worker";

    @TempDir
    Path data;

    @Test
    void a_worker_registers_says_so_and_leaves_cleanly_on_sigterm() throws Exception {
        try (var zooKeeper = new TestingServer(); var client = client(zooKeeper)) {
            Process process = start("--zookeeper", zooKeeper.getConnectString(), "--name", "attic", "--memory", "1G",
                    "--label", "room=attic");
            try (var output = new BufferedReader(
                    new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                assertThat(output.readLine()).startsWith("Worker attic is registered at 127.0.0.1:");
                assertThat(client.getChildren().forPath(WORKERS)).singleElement().asString().startsWith("attic-");
                process.toHandle().destroy();
                assertThat(process.waitFor(5, TimeUnit.SECONDS)).isTrue();
                assertThat(process.exitValue()).isZero();
                Awaitility.await().until(() -> client.getChildren().forPath(WORKERS).isEmpty());
            } finally {
                process.destroyForcibly();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                                            --listen localhost                    | --listen
                                            --memory 12                           | --memory
                                            --memory 0G                           | --memory
                                            --zookeeper nowhere                   | --zookeeper
                                            --zookeeper h:99999                   | --zookeeper
                                            --threads 0                           | --threads
                                            --threads many                        | --threads
                                            --gpu-layers -1                       | --gpu-layers
                                            --gpu-layers some                     | --gpu-layers
                                            --cache-type q4_0                     | --cache-type
                                            --llama-lib /no/such/folder           | --llama-lib
                                            --advertise :5                        | --advertise
                                            --name ../up                          | --name
                                            --label noequals                      | --label
                                            --available always                    | hours cannot be read
                                            --time-zone Nowhere --available 1:00-2:00 | --time-zone
                                            --leave-ahead soon --available 1:00-2:00 | --leave-ahead
                                            --drain-timeout -1                    | --drain-timeout
                                            --what                                | --what
                                            """)
    void a_bad_option_is_named_in_one_line(String options, String named) {
        var arguments = new ArrayList<>(List.of("--data", data.toString()));
        if (!options.startsWith("--zookeeper")) {
            arguments.addAll(List.of("--zookeeper", "127.0.0.1:1"));
        }
        arguments.addAll(List.of(options.split(" ")));
        var errors = new StringWriter();
        int status = WorkerMain.commandLine().setErr(new PrintWriter(errors)).execute(arguments.toArray(String[]::new));
        assertThat(status).isEqualTo(2);
        assertThat(errors.toString().strip().lines()).singleElement().asString().contains(named);
    }

    @Test
    void a_device_that_is_not_there_is_told_with_those_that_are() {
        var errors = new StringWriter();
        assertThat(WorkerMain.commandLine().setErr(new PrintWriter(errors)).execute("--data", data.toString(),
                "--zookeeper", "127.0.0.1:1", "--device", "CPU,CUDA7")).isEqualTo(1);
        assertThat(errors.toString().strip().lines()).singleElement().asString().contains("--device CUDA7")
                .contains("sees CPU");
    }

    @Test
    void an_installed_engine_is_taken_and_the_record_says_why() throws Exception {
        Optional<Path> second = SecondLibrary.find();
        Assumptions.assumeTrue(second.isPresent(), "no second llama.cpp here");
        Files.createSymbolicLink(Files.createDirectories(data.resolve("engines")).resolve("cpu-1"),
                second.orElseThrow().toRealPath());
        try (var zooKeeper = new TestingServer(); var client = client(zooKeeper)) {
            Process process = start("--zookeeper", zooKeeper.getConnectString(), "--name", "attic", "--memory", "1G",
                    "--cache-type", "q8_0", "--device", "CPU");
            try (var output = new BufferedReader(
                    new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                assertThat(output.readLine()).startsWith("Worker attic is registered");
                String node = client.getChildren().forPath(WORKERS).getFirst();
                String record = new String(client.getData().forPath(WORKERS + "/" + node), StandardCharsets.UTF_8);
                assertThat(record).contains("ENGINE_ABI_V0_5").contains("CACHE_TYPE_Q8_0")
                        .contains("is the newest of 2 that can be used; none of them sees a GPU.");
            } finally {
                process.destroyForcibly();
            }
        }
    }

    @Test
    void a_missing_zookeeper_is_told() {
        var errors = new StringWriter();
        assertThat(WorkerMain.commandLine().setErr(new PrintWriter(errors)).execute()).isEqualTo(2);
        assertThat(errors.toString()).contains("--zookeeper");
    }

    @Test
    void a_worker_keeps_its_made_up_name() throws Exception {
        var first = WorkerIdentity.of(data, Optional.empty());
        var second = WorkerIdentity.of(data, Optional.empty());
        assertThat(second).isEqualTo(first);
        assertThat(first.folder()).isDirectory().isEqualTo(data.resolve("workers").resolve(first.name()));
    }

    private Process start(String... options) throws IOException {
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                WorkerMain.class.getName(), "--data", data.toString()));
        command.addAll(List.of(options));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    private static CuratorFramework client(TestingServer server) {
        CuratorFramework client = CuratorFrameworkFactory.newClient(server.getConnectString(), new RetryOneTime(100));
        client.start();
        return client;
    }
}
