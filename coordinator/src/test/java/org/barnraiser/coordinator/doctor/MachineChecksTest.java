package org.barnraiser.coordinator.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** What is said of one machine. */
class MachineChecksTest {
    @TempDir
    private Path root;

    @Test
    void an_older_java_is_broken() throws Exception {
        assertThat(only(new JdkCheck(Runtime.Version.parse("21.0.4"))).level()).isEqualTo(Level.BROKEN);
        assertThat(only(new JdkCheck(Runtime.Version.parse("25.0.3"))).level()).isEqualTo(Level.OK);
    }

    @Test
    void a_container_that_allows_less_than_a_worker_would_lend_is_a_warning_with_the_number_to_give() throws Exception {
        write("proc/meminfo", "MemTotal:       16777216 kB\nMemAvailable:   12582912 kB\n");
        write("proc/self/cgroup", "0::/system.slice/barn.service\n");
        write("sys/fs/cgroup/system.slice/barn.service/memory.max", "max\n");
        write("sys/fs/cgroup/system.slice/memory.max", Long.toString(4L << 30));

        MachineMemory memory = MachineMemory.read(root);

        assertThat(memory).isEqualTo(new MachineMemory(16L << 30, 12L << 30, OptionalLong.of(4L << 30)));
        Finding finding = only(new MemoryCheck(memory));
        assertThat(finding.level()).isEqualTo(Level.WARNING);
        assertThat(finding.words()).contains("this container may use only 4.0 GiB");
        assertThat(finding.advice()).contains("--memory 3276M");
    }

    @Test
    void the_older_files_of_control_groups_are_read_too_and_cannot_lead_out_of_their_folder() throws Exception {
        write("proc/meminfo", "MemTotal: 16777216 kB\nMemAvailable: 12582912 kB\n");
        write("proc/self/cgroup", "5:cpu:/box\n4:memory:/box\n3:memory:/../../../../escape\nnonsense\n");
        write("sys/fs/cgroup/memory/box/memory.limit_in_bytes", Long.toString(8L << 30));
        write("escape/memory.limit_in_bytes", "1");
        assertThat(MachineMemory.read(root).limitBytes()).hasValue(8L << 30);
    }

    @Test
    void plenty_of_memory_is_ok_and_little_is_a_warning() throws Exception {
        assertThat(only(new MemoryCheck(new MachineMemory(16L << 30, 10L << 30, OptionalLong.empty()))))
                .isEqualTo(Finding.ok("memory",
                        "10.0 GiB of 16.0 GiB are available; a worker would lend 8.0 GiB."));
        assertThat(only(new MemoryCheck(new MachineMemory(16L << 30, 1L << 30, OptionalLong.empty()))).level())
                .isEqualTo(Level.WARNING);
    }

    @Test
    void a_data_folder_that_can_be_written_or_made_is_left_as_it_was() throws Exception {
        assertThat(only(new DiskCheck(root)).words()).contains("can be written");
        assertThat(only(new DiskCheck(root.resolve("new/folder"))).words()).contains("can be made");
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void a_data_folder_that_is_a_file_is_broken() throws Exception {
        Path file = Files.createFile(root.resolve("file"));
        assertThat(only(new DiskCheck(file))).satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Level.BROKEN);
            assertThat(finding.advice()).contains("--data");
        });
    }

    @Test
    void a_port_is_free_or_a_barnraisers_or_somebody_elses() throws Exception {
        try (FakeCoordinator barn = new FakeCoordinator("c"); ServerSocket other = listening()) {
            assertThat(port(barn.url().getPort(), barn.url()).words()).isEqualTo("A Barnraiser answers readers here.");
            Finding taken = port(other.getLocalPort(), URI.create("http://127.0.0.1:1"));
            assertThat(taken.level()).isEqualTo(Level.WARNING);
            assertThat(taken.advice()).contains("--port");
        }
        int free;
        try (ServerSocket socket = listening()) {
            free = socket.getLocalPort();
        }
        assertThat(port(free, URI.create("http://127.0.0.1:1")).words()).isEqualTo("It is free for readers.");
    }

    @Test
    void few_open_files_are_a_warning() throws Exception {
        assertThat(new OpenFilesCheck().of(1024).level()).isEqualTo(Level.WARNING);
        assertThat(new OpenFilesCheck().of(1 << 20).level()).isEqualTo(Level.OK);
    }

    @Test
    void a_program_that_cannot_be_started_is_no_llama_cpp() throws Exception {
        Finding finding = only(
                new EngineCheck(Optional.empty(), new WorkerProgram("/nowhere/java", "x.jar"), Duration.ofSeconds(60)));
        assertThat(finding.level()).isEqualTo(Level.BROKEN);
        assertThat(finding.words()).contains("/nowhere/java");
    }

    @Test
    void a_library_that_ends_its_process_is_broken_and_the_doctor_lives() throws Exception {
        Path crash = Files.writeString(root.resolve("java"), "#!/bin/sh\nkill -SEGV $$\n");
        assertThat(crash.toFile().setExecutable(true)).isTrue();
        Finding finding = only(
                new EngineCheck(Optional.of(root), new WorkerProgram(crash.toString(), "x.jar"),
                        Duration.ofSeconds(60)));
        assertThat(finding.words()).contains("ended the process that opened it (exit status 139)");
    }

    @Test
    void the_report_is_aligned_and_sums_up() throws Exception {
        Report report = new Report(List.of(new Report.Section("This machine", List.of(
                Finding.ok("JDK", "Java 25 is used."),
                Finding.warning("a subject that is long", "One sentence that is so long that it has to be cut once.",
                        "Do that.")))));

        assertThat(report.lines(false)).containsExactly(
                "This machine",
                "  ok       JDK           Java 25 is used.",
                "  warning  a subject that is long",
                "                         One sentence that is so long that it has to be cut",
                "                         once.",
                "                         → Do that.",
                "",
                "Nothing is broken; 1 warning.");
        assertThat(report.lines(true).get(1)).isEqualTo("  \033[32mok       \033[0mJDK           Java 25 is used.");
        assertThat(report.json().path("findings").path(1).path("level").asText()).isEqualTo("warning");
        assertThat(report.isBroken()).isFalse();
    }

    private static Finding port(int port, URI here) throws InterruptedException {
        return only(new PortCheck(port, new Endpoint(here)));
    }

    private static ServerSocket listening() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    private void write(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(file, content);
    }

    private static Finding only(Check check) throws InterruptedException {
        return check.findings().getFirst();
    }
}
