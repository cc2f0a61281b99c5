package org.barnraiser.testing.cluster;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** Starting, stopping and crashing, with real processes. */
class LifecycleTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String QUESTION = """
                                           {"messages": [{"role": "user", "content": "What is Barnraiser?"}], "temperature": 0}""";

    @TempDir
    private Path data;

    @Test
    void a_termination_signal_stops_every_process_and_exits_with_zero() throws Exception {
        try (RunningBarn barn = start(2)) {
            List<ProcessHandle> processes = barn.processes();
            assertThat(processes).hasSize(3);
            assertThat(barn.terminate()).isZero();
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(processes).noneMatch(ProcessHandle::isAlive));
            for (String worker : List.of("worker-1", "worker-2")) {
                assertThat(data.resolve("logs/" + worker + ".log")).content().contains("is registered")
                        .doesNotContain("ERROR");
            }
        }
        try (RunningBarn again = start(2)) {
            assertThat(again.cluster().path("plan").path("epoch").asLong()).as("the epoch only grows").isGreaterThan(1);
        }
    }

    @Test
    void workers_leave_when_the_main_process_is_killed() throws Exception {
        try (RunningBarn barn = start(2)) {
            List<ProcessHandle> processes = barn.processes();
            barn.kill();
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(processes).noneMatch(ProcessHandle::isAlive));
        }
    }

    @Test
    void a_killed_worker_is_started_again_and_a_question_asked_meanwhile_is_answered_all_the_same() throws Exception {
        try (RunningBarn barn = start(2)) {
            String before = barn.post("/v1/chat/completions", QUESTION).body();
            long epoch = barn.cluster().path("plan").path("epoch").asLong();
            barn.killStage(1);
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(barn.cluster().path("plan").path("epoch").asLong()).isGreaterThan(epoch);
                assertThat(barn.get("/readyz").statusCode()).isEqualTo(200);
            });
            assertThat(answerText(barn.post("/v1/chat/completions", QUESTION).body())).isEqualTo(answerText(before));

            barn.killStage(0);
            HttpResponse<String> meanwhile = barn.post("/v1/chat/completions", QUESTION);
            assertThat(meanwhile.statusCode()).as(meanwhile.body()).isEqualTo(200);
            assertThat(answerText(meanwhile.body())).isEqualTo(answerText(before));
        }
    }

    @Test
    void a_second_one_on_the_same_data_folder_is_refused() throws Exception {
        try (RunningBarn _ = start(1); RunningBarn second = RunningBarn.start(RunningBarn.Settings.demo(1, data))) {
            assertThatThrownBy(() -> second.awaitReady(PATIENCE)).isInstanceOf(IOException.class)
                    .hasMessageContaining("another Barnraiser is running");
        }
    }

    private RunningBarn start(int workers) throws IOException, InterruptedException {
        return RunningBarn.start(RunningBarn.Settings.demo(workers, data)).awaitReady(PATIENCE);
    }

    private static String answerText(String body) throws IOException {
        return new com.fasterxml.jackson.databind.ObjectMapper().readTree(body).path("choices").path(0).path("message")
                .path("content").asText();
    }
}
