package org.barnraiser.worker.shard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.ShardSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** A real disk of two megabytes that somebody else fills while a shard arrives. */
class FullDiskTest {
    private static final int DISK_BYTES = 2 << 20;
    private static final ProgressListener QUIET = (_, _, _) -> {};
    private static final String MODEL = TestWeights.id("model");

    @TempDir
    private Path folder;
    private boolean mounted;

    private final TestWeights weights = new TestWeights();
    private final Piece a = weights.tensor("a", 300_000);
    private final Piece b = weights.tensor("b", 700_000);

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
    void a_disk_that_fills_up_is_named_in_one_sentence_and_what_was_verified_stays_for_the_next_attempt()
            throws Exception {
        Path cacheFolder = folder.resolve("cache");
        Path ballast = folder.resolve("ballast");
        ShardSpec spec = TestWeights.shard("one", a, b).build();
        PieceSource source = (digest, piece, sink) -> {
            if (piece.equals(b)) {
                fill(ballast);
            }
            weights.read(digest, piece, sink);
        };
        try (var cache = ShardCache.open(cacheFolder, new Room(DISK_BYTES, () -> DISK_BYTES))) {
            assertThatThrownBy(() -> cache.acquire(spec, _ -> java.util.List.of(source), QUIET))
                    .isInstanceOf(NoSpaceException.class)
                    .hasMessage("The disk with " + cacheFolder + " has filled up while a shard was written; what has"
                            + " arrived is kept, and it goes on from there once there is room.");
            assertThat(cache.pieces(MODEL)).contains(a.getSha256()).doesNotContain(b.getSha256());
            assertThat(cache.shardIds()).isEmpty();
        }
        assertThat(bytesIn(cacheFolder)).as("what was not verified is given back to the disk").isLessThan(400_000);
        Files.delete(ballast);
        weights.asked.clear();
        try (var cache = ShardCache.open(cacheFolder, new Room(DISK_BYTES, () -> DISK_BYTES));
                var shard = cache.acquire(spec, _ -> java.util.List.of(weights), QUIET)) {
            assertThat(weights.asked).as("what was verified is not fetched again").containsExactly("b");
            assertThat(shard.file()).exists();
        }
    }

    @Test
    void a_disk_that_is_full_already_is_refused_before_anything_is_fetched_and_nothing_is_left() throws Exception {
        Path cacheFolder = Files.createDirectories(folder.resolve("cache"));
        try (var cache = ShardCache.open(cacheFolder, DISK_BYTES)) {
            fill(folder.resolve("ballast"));
            assertThatThrownBy(() -> cache.acquire(TestWeights.shard("one", a, b).build(),
                    _ -> java.util.List.of(weights), QUIET)).isInstanceOf(NoSpaceException.class)
                    .hasMessageContaining("the disk has room for 0.0 MB only");
        }
        assertThat(weights.asked).isEmpty();
        try (Stream<Path> left = Files.list(cacheFolder)) {
            assertThat(left).extracting(Path::getFileName).map(Path::toString).containsExactly("lock");
        }
    }

    /** Writes until there is no room. */
    private static void fill(Path ballast) throws IOException {
        byte[] chunk = new byte[64 << 10];
        try (var out = Files.newOutputStream(ballast)) {
            for (int written = 0; written <= DISK_BYTES; written += chunk.length) {
                out.write(chunk);
            }
        } catch (IOException full) {
            assertThat(Room.isFull(full)).as(full.toString()).isTrue();
        }
    }

    private static long bytesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(CacheEntry.PARTIAL))
                    .mapToLong(file -> file.toFile().length()).sum();
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
