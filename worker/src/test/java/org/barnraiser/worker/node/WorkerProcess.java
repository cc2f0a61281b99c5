package org.barnraiser.worker.node;

import io.grpc.ManagedChannel;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.StageGrpc;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.trust.Links;
import org.barnraiser.worker.WorkerMain;

import static org.assertj.core.api.Assertions.assertThat;

/** A worker in a process of its own. */
final class WorkerProcess implements AutoCloseable {
    private static final long DEADLINE_SECONDS = 60;

    final Process process;
    final BufferedReader output;
    final Path runningFile;
    final String address;
    private final ManagedChannel channel;

    WorkerProcess(String zooKeeper, Path data, String name, String... options) throws IOException {
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                WorkerMain.class.getName(), "--zookeeper", zooKeeper, "--data", data.toString(), "--name", name,
                "--memory", "1G", "--exit-with-parent"));
        command.addAll(List.of(options));
        process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        output = process.inputReader(StandardCharsets.UTF_8);
        assertThat(output.readLine()).startsWith("Worker " + name + " is registered at 127.0.0.1:");
        runningFile = data.resolve("workers").resolve(name).resolve("running.properties");
        var running = new Properties();
        try (var reader = Files.newBufferedReader(runningFile)) {
            running.load(reader);
        }
        assertThat(running.getProperty("pid")).isEqualTo(Long.toString(process.pid()));
        address = running.getProperty("address");
        channel = new Channels(Links.PLAIN).dial(address, 1 << 20, Channels.WORKER);
    }

    WorkerControlGrpc.WorkerControlBlockingStub control() {
        return WorkerControlGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    StageGrpc.StageStub stage() {
        return StageGrpc.newStub(channel);
    }

    void terminate() {
        process.toHandle().destroy();
    }

    /** STOP or CONT. */
    void signal(String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor()).isZero();
    }

    void assertEnded() throws InterruptedException {
        assertThat(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().orTimeout(DEADLINE_SECONDS, TimeUnit.SECONDS).join();
        output.close();
        channel.shutdownNow();
    }
}
