package org.barnraiser.testing.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.barnraiser.testing.SecondLibrary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The doctor as people run it: a process that looks at this very machine, with the real worker's check of llama.cpp. */
class DoctorProcessTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path data;

    @Test
    void the_bundled_llama_cpp_opens_and_is_named_with_what_it_computes_on() throws Exception {
        JsonNode report = examine();
        assertThat(words(report, "engine")).startsWith("A worker that is started now takes llama.cpp ")
                .contains("): It ");
        JsonNode engine = finding(report, "llama.cpp");
        assertThat(engine.path("level").asText()).isEqualTo("ok");
        assertThat(engine.path("words").asText())
                .startsWith("The llama.cpp that comes along opens: version b4916 with the 2025 interface;")
                .contains("CPU");
    }

    @Test
    void another_llama_cpp_is_told_apart_by_its_interface() throws Exception {
        Optional<Path> second = SecondLibrary.find();
        assumeTrue(second.isPresent());
        JsonNode engine = finding(examine("--llama-lib", second.orElseThrow().toString()), "llama.cpp");
        assertThat(engine.path("level").asText()).isEqualTo("ok");
        assertThat(engine.path("words").asText()).contains("with the 2026 interface");
    }

    @Test
    void a_folder_without_llama_cpp_is_broken_with_what_to_do() throws Exception {
        Path empty = Files.createDirectories(data.resolve("empty"));
        JsonNode engine = finding(examine("--llama-lib", empty.toString()), "llama.cpp");
        assertThat(engine.path("level").asText()).isEqualTo("broken");
        assertThat(engine.path("words").asText()).contains(empty.toString()).contains("holds no libllama");
        assertThat(engine.path("advice").asText()).contains("--llama-lib");
    }

    @Test
    void a_file_that_is_no_library_is_broken_and_ends_nothing_but_its_own_process() throws Exception {
        Path folder = Files.createDirectories(data.resolve("damaged"));
        Files.writeString(folder.resolve("libllama.so"), "not a library");
        JsonNode engine = finding(examine("--llama-lib", folder.toString()), "llama.cpp");
        assertThat(engine.path("level").asText()).isEqualTo("broken");
        assertThat(engine.path("words").asText()).contains("cannot be opened");
    }

    @Test
    void a_running_cluster_is_found_by_its_data_folder_and_all_of_it_is_looked_at() throws Exception {
        try (RunningBarn barn = RunningBarn.start(RunningBarn.Settings.demo(2, data)).awaitReady(PATIENCE)) {
            String port = Integer.toString(barn.url().getPort());
            // On a machine that is very busy, an answer may take longer than the doctor waits for it.
            JsonNode report = await().atMost(PATIENCE).until(() -> examine("--port", port),
                    seen -> seen.path("broken").asInt() == 0);
            assertThat(words(report, "port " + port)).isEqualTo("A Barnraiser answers readers here.");
            assertThat(words(report, "worker worker-1")).contains("It answers at 127.0.0.1:");
            assertThat(words(report, "worker worker-2")).contains("It answers at 127.0.0.1:");
            assertThat(words(report, "from worker-1")).contains("It reaches the other worker");
            assertThat(words(report, "registered"))
                    .isEqualTo("1 coordinator and 2 workers are registered, and one coordinator leads.");
            assertThat(words(report, "versions")).isEqualTo("All workers compute with llama.cpp b4916.");
        }
    }

    private JsonNode examine(String... options) throws Exception {
        String classpath = System.getProperty("java.class.path");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-XX:+UseSerialGC",
                "-Dbarn.worker.classpath=" + classpath, "-cp", classpath, "org.barnraiser.coordinator.cli.Barn",
                "doctor", "--json", "--seconds", "100", "--data", data.toString()));
        command.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().remove("BARN_LLAMA_LIB");
        Process process = builder.start();
        String output = process.inputReader().readAllAsString();
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        String json = output.lines().filter(line -> line.startsWith("{")).findFirst().orElseThrow();
        JsonNode report = new ObjectMapper().readTree(json);
        assertThat(process.exitValue()).isEqualTo(report.path("broken").asInt() == 0 ? 0 : 1);
        return report;
    }

    private static JsonNode finding(JsonNode report, String subject) {
        return StreamSupport.stream(report.path("findings").spliterator(), false)
                .filter(finding -> finding.path("subject").asText().equals(subject)).findFirst().orElseThrow();
    }

    private static String words(JsonNode report, String subject) {
        return finding(report, subject).path("words").asText();
    }
}
