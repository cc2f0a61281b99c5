package org.barnraiser.testing.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What owners of machines say on the command line, with real processes. */
class OwnersTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path data;

    @Test
    void machines_are_drained_taken_back_and_serve_again_when_they_are_lent() throws Exception {
        try (RunningBarn barn = RunningBarn.start(RunningBarn.Settings.demo(2, data)).awaitReady(PATIENCE)) {
            String url = barn.url().toString();
            String head = barn.stages().path(0).path("worker").asText();
            assertThat(say("drain", head, "--url", url))
                    .isEqualTo(new Said(0, head + " is free: its layers run elsewhere."));
            assertThat(barn.stages()).isNotEmpty().noneMatch(stage -> stage.path("worker").asText().equals(head));
            assertThat(barn.get("/readyz").statusCode()).isEqualTo(200);
            assertThat(say("lend", head, "--url", url)).isEqualTo(new Said(0, head + " is lent again."));

            Said reclaimed = say("reclaim", "--data", data.toString());
            assertThat(reclaimed.text().lines()).containsExactlyInAnyOrder("worker-1 is free: this machine is yours.",
                    "worker-2 is free: this machine is yours.");
            assertThat(reclaimed.status()).isZero();
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(barn.get("/readyz").statusCode()).isEqualTo(503));

            assertThat(say("lend", "--data", data.toString()).text().lines())
                    .containsExactlyInAnyOrder("worker-1 is lent again.", "worker-2 is lent again.");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(barn.get("/readyz").statusCode()).isEqualTo(200));

            Said unknown = say("drain", "nobody", "--url", url);
            assertThat(unknown.status()).isEqualTo(1);
            assertThat(unknown.text()).startsWith("barn: there is no worker 'nobody' in the cluster");
        }
    }

    @Test
    void where_no_worker_runs_there_is_nothing_to_take_back() throws Exception {
        Said said = say("reclaim", "--data", data.toString());
        assertThat(said.status()).isEqualTo(1);
        assertThat(said.text().lines()).singleElement().asString().startsWith("barn: no worker runs on this machine");
    }

    private record Said(int status, String text) {}

    private static Said say(String... arguments) throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var command = new ArrayList<>(List.of(java, "-Xmx128m", "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(SharedClasses.options(SharedClasses.COORDINATOR));
        command.addAll(List.of("-cp", SharedClasses.classPath(), SharedClasses.COORDINATOR));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return new Said(process.waitFor(), text);
    }
}
