package org.barnraiser.coordinator.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.barnraiser.coordinator.cli.WorkerProcess.BackOff;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class WorkerProcessTest {
    private static final BackOff QUICK = new BackOff(Duration.ofMillis(10), Duration.ofMillis(20));

    @TempDir
    private Path folder;

    @Test
    void a_child_that_ends_by_itself_is_started_again() {
        try (WorkerProcess process = shell("echo started; exit 134", QUICK)) {
            process.start();
            await().untilAsserted(() -> assertThat(Files.readAllLines(log())).hasSizeGreaterThanOrEqualTo(3)
                    .containsOnly("started"));
        }
    }

    @Test
    void a_child_that_is_asked_to_stop_is_not_started_again() throws Exception {
        WorkerProcess process = shell("echo started; exec cat", QUICK);
        process.start();
        await().until(() -> process.pid() > 0);
        ProcessHandle child = ProcessHandle.of(process.pid()).orElseThrow();
        process.close();
        assertThat(child.isAlive()).isFalse();
        assertThat(Files.readAllLines(log())).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void the_pause_before_a_restart_doubles_up_to_a_limit() {
        BackOff backOff = new BackOff(Duration.ofMillis(500), Duration.ofSeconds(30));
        assertThat(List.of(1, 2, 3, 7, 1_000_000)).extracting(backOff::after).containsExactly(Duration.ofMillis(500),
                Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(30), Duration.ofSeconds(30));
    }

    @Test
    void closing_during_the_pause_ends_the_pause() {
        WorkerProcess process = shell("exit 1", new BackOff(Duration.ofHours(1), Duration.ofHours(1)));
        process.start();
        await().until(() -> Files.exists(log()) && process.pid() < 0);
        process.close();
    }

    @Test
    void a_program_that_is_not_there_is_tried_again_and_can_be_closed() {
        WorkerProcess process = new WorkerProcess("missing", List.of("/nowhere/java"), log(), QUICK);
        process.start();
        assertThat(process.pid()).isEqualTo(-1);
        process.close();
    }

    private WorkerProcess shell(String script, BackOff backOff) {
        return new WorkerProcess("child", List.of("/bin/sh", "-c", script), log(), backOff);
    }

    private Path log() {
        return folder.resolve("child.log");
    }
}
