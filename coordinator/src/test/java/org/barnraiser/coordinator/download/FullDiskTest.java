package org.barnraiser.coordinator.download;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.barnraiser.coordinator.download.UnreliableServer.Behaviour;
import org.barnraiser.coordinator.download.UnreliableServer.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** A real disk that somebody else fills while a file arrives. */
class FullDiskTest {
    /** A download wants 64 MiB to spare. */
    private static final long DISK_BYTES = 68L << 20;
    private static final int CHUNK_BYTES = 50_000;
    private static final DownloadSettings ONE_AFTER_THE_OTHER = new DownloadSettings(1, CHUNK_BYTES, 2,
            Duration.ofMillis(1), Duration.ofMillis(10), Duration.ofSeconds(20));

    @TempDir
    private Path folder;
    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        mounted = run("mount", "-t", "tmpfs", "-o", "size=" + DISK_BYTES, "tmpfs", folder.toString());
        if (!mounted) {
            System.err.println("FullDiskTest is skipped: a disk of its own cannot be mounted here.");
        }
        assumeTrue(mounted, "a disk of its own cannot be mounted here");
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertThat(run("umount", folder.toString())).isTrue();
        }
    }

    @Test
    void what_has_arrived_when_the_disk_fills_up_is_kept_and_gone_on_with_once_there_is_room() throws Exception {
        byte[] content = new byte[20 * CHUNK_BYTES];
        new Random(1).nextBytes(content);
        Path ballast = folder.resolve("ballast");
        Path target = Files.createDirectories(folder.resolve("models")).resolve("f.gguf");
        try (UnreliableServer server = new UnreliableServer().give("/f.gguf", content);
                WebClient web = WebClient.withoutToken()) {
            server.behave((request, _) -> {
                if (start(request) == 10 * CHUNK_BYTES) {
                    fill(ballast);
                }
                return new Behaviour.Serve();
            });
            Download download = new Download(web, ONE_AFTER_THE_OTHER, (_, _, _) -> {});
            RemoteFile file = RemoteFile.at(server.uri("/f.gguf"));
            assertThatThrownBy(() -> download.fetch(file, target)).isInstanceOf(DownloadException.class)
                    .hasMessageContaining("f.gguf cannot be written to " + target.getParent())
                    .hasMessageContaining("what has arrived is kept");
            assertThat(Files.size(target.resolveSibling("f.gguf.part"))).as("whole chunks alone")
                    .isEqualTo(10L * CHUNK_BYTES);
            assertThatThrownBy(() -> download.fetch(file, target)).isInstanceOf(DownloadException.class)
                    .hasMessageContaining("GB more in");
            Files.delete(ballast);
            server.behave((_, _) -> new Behaviour.Serve());
            int before = server.requests().size();
            download.fetch(file, target);
            assertThat(target).hasBinaryContent(content);
            assertThat(server.requests().subList(before, server.requests().size()))
                    .filteredOn(request -> !request.range().equals("bytes=0-0"))
                    .as("what was there is not fetched again").hasSize(10)
                    .allSatisfy(request -> assertThat(start(request)).isGreaterThanOrEqualTo(10 * CHUNK_BYTES));
        }
        try (Stream<Path> left = Files.list(target.getParent())) {
            assertThat(left).containsExactly(target);
        }
    }

    private static long start(Request request) {
        return Long.parseLong(request.range().replaceAll("bytes=(\\d+)-.*", "$1"));
    }

    /** Writes until there is no room. */
    private static void fill(Path ballast) {
        byte[] chunk = new byte[64 << 10];
        try (var out = Files.newOutputStream(ballast)) {
            for (long written = 0; written <= DISK_BYTES; written += chunk.length) {
                out.write(chunk);
            }
        } catch (IOException _) {
            // The disk is full.
        }
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException _) {
            // There is no such program here.
            return false;
        }
    }
}
