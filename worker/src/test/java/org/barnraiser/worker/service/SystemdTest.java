package org.barnraiser.worker.service;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** A user's services under a systemd of their own. It needs root, to hide that no systemd runs this machine. */
class SystemdTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Path SYSTEMD = Path.of("/lib/systemd/systemd");
    /** Where a program looks whether systemd runs its machine. */
    private static final String HIDING = "mount --make-rprivate / && mount -t tmpfs tmpfs /run"
            + " && mkdir -p /run/systemd/system && exec " + SYSTEMD + " --user";
    private static final ImmutableList<String> ODD = ImmutableList.of("worker", "--label",
            "say=\"50 %\" & $HOME <b> \\n");

    @TempDir
    private Path folder;

    private Process systemd;

    @BeforeEach
    void startSystemd() throws Exception {
        assumeTrue(Files.isExecutable(SYSTEMD), "systemd is not on this machine.");
        assumeTrue(!Files.exists(Path.of("/run/systemd/system")), "This machine's own systemd is left alone.");
        Files.createDirectory(folder.resolve("run"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        systemd = process("unshare", "--mount", "sh", "-c", HIDING).redirectErrorStream(true)
                .redirectOutput(folder.resolve("systemd.log").toFile()).start();
        try {
            Awaitility.await().atMost(PATIENCE).until(() -> !systemd.isAlive() || systemctl("show-environment") == 0);
        } catch (ConditionTimeoutException _) {
            systemd.destroyForcibly().waitFor();
        }
        if (!systemd.isAlive()) {
            abort("No systemd can be started here: " + Files.readString(folder.resolve("systemd.log")));
        }
    }

    @AfterEach
    void stopSystemd() throws Exception {
        if (systemd != null) {
            systemd.destroy();
            assertThat(systemd.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    private ProcessBuilder process(String... command) {
        var process = new ProcessBuilder(command);
        process.environment().put("HOME", folder.toString());
        process.environment().put("XDG_RUNTIME_DIR", folder.resolve("run").toString());
        process.environment().remove("XDG_CONFIG_HOME");
        process.environment().remove("DBUS_SESSION_BUS_ADDRESS");
        return process;
    }

    private int run(List<String> command) throws IOException, InterruptedException {
        Process process = process(command.toArray(String[]::new)).redirectErrorStream(true)
                .redirectOutput(folder.resolve("systemctl.log").toFile()).start();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("'" + String.join(" ", command) + "' does not end");
        }
        return process.exitValue();
    }

    private int systemctl(String verb, String... words) throws IOException, InterruptedException {
        return run(ImmutableList.<String>builder().add("systemctl", "--user", "--quiet", verb).add(words).build());
    }

    /** Says how it was called, and goes when it is asked to. */
    private Service service() throws IOException {
        Path barn = Files.createDirectory(folder.resolve("the barn")).resolve("barn");
        Files.writeString(barn, """
                                #!/bin/sh
                                cd "$(dirname "$0")"
                                trap 'echo left >left; exit 0' TERM
                                printf '%s\\n' "$JAVA_HOME" "$@" >called.new && mv called.new called
                                echo $$ >pid.new && mv pid.new pid
                                while :; do sleep 0.1; done
                                """);
        assertThat(barn.toFile().setExecutable(true)).isTrue();
        return new Service("attic", barn, ODD, Path.of("/usr/lib/jvm/jdk 25"));
    }

    private String read(String file) throws IOException {
        Path path = folder.resolve("the barn").resolve(file);
        return Files.exists(path) ? Files.readString(path, StandardCharsets.UTF_8).strip() : "";
    }

    private String awaitOther(String file, String than) {
        return Awaitility.await().atMost(PATIENCE).until(() -> read(file),
                found -> !found.isEmpty() && !found.equals(than));
    }

    @Test
    void systemd_starts_the_worker_word_for_word_and_again_when_it_is_killed_and_lets_it_leave() throws Exception {
        var installation = new Installation(ServiceKind.SYSTEMD_USER, folder, "0", this::run);
        installation.install(service());
        String first = awaitOther("pid", "");
        assertThat(read("called").lines()).containsExactlyElementsOf(
                ImmutableList.<String>builder().add("/usr/lib/jvm/jdk 25").addAll(ODD).build());
        assertThat(systemctl("is-enabled", "barnraiser-worker-attic.service")).isZero();

        ProcessHandle.of(Long.parseLong(first)).orElseThrow().destroyForcibly();
        String second = awaitOther("pid", first);
        assertThat(read("left")).isEmpty();

        assertThat(installation.remove("attic")).isTrue();
        assertThat(read("left")).isEqualTo("left");
        assertThat(ProcessHandle.of(Long.parseLong(second)).filter(ProcessHandle::isAlive)).isEmpty();
        assertThat(systemctl("is-enabled", "barnraiser-worker-attic.service")).isNotZero();
    }
}
