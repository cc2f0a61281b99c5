package org.barnraiser.worker.shard;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.proto.LoadProgress.Phase;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.Segment;
import org.barnraiser.proto.ShardSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ShardCacheTest {
    private static final long PLENTY = 1L << 30;
    private static final ProgressListener QUIET = (_, _, _) -> {};

    @TempDir
    Path folder;

    private final TestWeights weights = new TestWeights();
    private final Piece a = weights.tensor("a", 3_000_000);
    private final Piece b = weights.tensor("b", 2_000_000);
    private final Piece c = weights.tensor("c", 1_000_000);
    private final Piece embedding = weights.tensor("token_embd", 128);

    @Test
    void a_shard_is_the_concatenation_of_its_segments() throws Exception {
        ShardSpec spec = TestWeights.shard("one", a, b).build();
        try (var cache = ShardCache.open(folder, PLENTY); var shard = cache.acquire(spec, weights, QUIET)) {
            assertThat(Files.readAllBytes(shard.file())).isEqualTo(expected(spec));
            assertThat(shard.embedding()).isEmpty();
            assertThat(cache.shardIds()).containsExactly(spec.getShardId());
        }
    }

    @Test
    void progress_ends_at_the_total() throws Exception {
        var done = new ArrayList<Long>();
        ShardSpec spec = TestWeights.head("one", embedding, a).build();
        try (var cache = ShardCache.open(folder, PLENTY);
                var _ = cache.acquire(spec, weights, (phase, bytes, total) -> {
                    assertThat(phase).isEqualTo(Phase.FETCHING);
                    assertThat(bytes).isLessThanOrEqualTo(total);
                    done.add(total - bytes);
                })) {
            assertThat(done).isNotEmpty().last().isEqualTo(0L);
        }
    }

    @Test
    void a_head_finds_its_embedding_in_a_file_of_its_own() throws Exception {
        ShardSpec spec = TestWeights.head("one", embedding, a).build();
        try (var cache = ShardCache.open(folder, PLENTY); var shard = cache.acquire(spec, weights, QUIET)) {
            FileRange range = shard.embedding().orElseThrow();
            assertThat(range.file()).isNotEqualTo(shard.file());
            assertThat(read(range)).isEqualTo(weights.bytes(embedding));
        }
    }

    @Test
    void an_embedding_that_the_shard_contains_is_not_stored_again() throws Exception {
        ShardSpec spec = TestWeights.head("one", embedding, a, embedding).build();
        try (var cache = ShardCache.open(folder, PLENTY); var shard = cache.acquire(spec, weights, QUIET)) {
            FileRange range = shard.embedding().orElseThrow();
            assertThat(range.file()).isEqualTo(shard.file());
            assertThat(read(range)).isEqualTo(weights.bytes(embedding));
        }
    }

    @Test
    void a_moved_range_fetches_only_the_pieces_that_are_not_on_disk() throws Exception {
        try (var cache = ShardCache.open(folder, PLENTY)) {
            cache.acquire(TestWeights.shard("one", a, b).build(), weights, QUIET).close();
            weights.asked.clear();
            ShardSpec moved = TestWeights.shard("two", b, c).build();
            try (var shard = cache.acquire(moved, weights, QUIET)) {
                assertThat(weights.asked).containsExactly("c");
                assertThat(Files.readAllBytes(shard.file())).isEqualTo(expected(moved));
            }
        }
    }

    @Test
    void a_restarted_worker_verifies_once_and_fetches_nothing() throws Exception {
        ShardSpec spec = TestWeights.shard("one", a, b).build();
        try (var cache = ShardCache.open(folder, PLENTY)) {
            cache.acquire(spec, weights, QUIET).close();
        }
        weights.asked.clear();
        var phases = new ArrayList<Phase>();
        try (var cache = ShardCache.open(folder, PLENTY)) {
            cache.acquire(spec, weights, (phase, _, _) -> phases.add(phase)).close();
            assertThat(phases).isNotEmpty().containsOnly(Phase.VERIFYING);
            phases.clear();
            cache.acquire(spec, weights, (phase, _, _) -> phases.add(phase)).close();
        }
        assertThat(phases).isEmpty();
        assertThat(weights.asked).isEmpty();
    }

    @Test
    void an_interrupted_assembly_leaves_no_shard_and_goes_on_where_it_was() throws Exception {
        ShardSpec spec = TestWeights.shard("one", a, b, c).build();
        weights.failAfterPieces = 1;
        try (var cache = ShardCache.open(folder, PLENTY)) {
            assertThatThrownBy(() -> cache.acquire(spec, weights, QUIET))
                    .isInstanceOf(WeightsUnavailableException.class);
            assertThat(cache.shardIds()).isEmpty();
        }
        assertThat(names()).noneMatch(name -> name.endsWith(".shard"));
        weights.failAfterPieces = Integer.MAX_VALUE;
        weights.asked.clear();
        try (var cache = ShardCache.open(folder, PLENTY); var shard = cache.acquire(spec, weights, QUIET)) {
            assertThat(weights.asked).containsExactly("b", "c");
            assertThat(Files.readAllBytes(shard.file())).isEqualTo(expected(spec));
        }
    }

    @Test
    void an_interrupted_thread_stops_assembling() throws Exception {
        ShardSpec spec = TestWeights.shard("one", a, b).build();
        PieceSource interrupting = (digest, piece, sink) -> {
            Thread.currentThread().interrupt();
            weights.read(digest, piece, sink);
        };
        try (var cache = ShardCache.open(folder, PLENTY)) {
            assertThatThrownBy(() -> cache.acquire(spec, interrupting, QUIET)).isInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).isTrue();
            cache.acquire(spec, weights, QUIET).close();
        }
    }

    @Test
    void a_piece_that_arrives_damaged_is_refused_by_its_tensor() throws Exception {
        weights.damage = true;
        try (var cache = ShardCache.open(folder, PLENTY)) {
            assertThatThrownBy(() -> cache.acquire(TestWeights.shard("one", a).build(), weights, QUIET))
                    .isInstanceOfSatisfying(DamagedPieceException.class,
                            damaged -> assertThat(damaged.tensorName()).isEqualTo("a"))
                    .hasMessageContaining("tensor a ");
            assertThat(cache.shardIds()).isEmpty();
        }
    }

    @Test
    void a_source_that_delivers_too_much_is_stopped() throws Exception {
        weights.endless = true;
        try (var cache = ShardCache.open(folder, PLENTY)) {
            assertThatThrownBy(() -> cache.acquire(TestWeights.shard("one", a).build(), weights, QUIET))
                    .isInstanceOf(DamagedPieceException.class);
        }
    }

    @Test
    void bytes_that_rot_on_disk_are_found_and_only_their_piece_is_fetched_again() throws Exception {
        ShardSpec spec = TestWeights.shard("one", a, b, c).build();
        Path file;
        try (var cache = ShardCache.open(folder, PLENTY); var shard = cache.acquire(spec, weights, QUIET)) {
            file = shard.file();
            flip(file, 3_000_500);
        }
        weights.asked.clear();
        try (var cache = ShardCache.open(folder, PLENTY); var shard = cache.acquire(spec, weights, QUIET)) {
            assertThat(weights.asked).containsExactly("b");
            assertThat(Files.readAllBytes(shard.file())).isEqualTo(expected(spec));
        }
    }

    @Test
    void a_damaged_header_is_repaired_from_the_specification() throws Exception {
        ShardSpec spec = TestWeights.shard("one", a).build();
        try (var cache = ShardCache.open(folder, PLENTY)) {
            Path file;
            try (var shard = cache.acquire(spec, weights, QUIET)) {
                file = shard.file();
            }
            flip(file, 2);
        }
        weights.asked.clear();
        try (var cache = ShardCache.open(folder, PLENTY); var shard = cache.acquire(spec, weights, QUIET)) {
            assertThat(weights.asked).isEmpty();
            assertThat(Files.readAllBytes(shard.file())).isEqualTo(expected(spec));
        }
    }

    @Test
    void a_truncated_file_is_completed() throws Exception {
        ShardSpec spec = TestWeights.shard("one", a, b).build();
        try (var cache = ShardCache.open(folder, PLENTY)) {
            try (var shard = cache.acquire(spec, weights, QUIET);
                    var channel = FileChannel.open(shard.file(), StandardOpenOption.WRITE)) {
                channel.truncate(3_500_000);
            }
            weights.asked.clear();
            try (var shard = cache.acquire(spec, weights, QUIET)) {
                assertThat(weights.asked).containsExactly("b");
                assertThat(Files.readAllBytes(shard.file())).isEqualTo(expected(spec));
            }
        }
    }

    @Test
    void the_least_recently_used_shard_goes_first_when_the_quota_is_full() throws Exception {
        try (var cache = ShardCache.open(folder, 4_000_000)) {
            ShardSpec one = TestWeights.shard("one", b).build();
            ShardSpec two = TestWeights.shard("two", c).build();
            cache.acquire(one, weights, QUIET).close();
            cache.acquire(two, weights, QUIET).close();
            Files.setLastModifiedTime(folder.resolve(two.getShardId() + ".spec"),
                    java.nio.file.attribute.FileTime.fromMillis(1));
            cache.acquire(TestWeights.shard("three", weights.tensor("d", 1_500_000)).build(), weights, QUIET).close();
            assertThat(cache.shardIds()).contains(one.getShardId()).doesNotContain(two.getShardId());
        }
    }

    @Test
    void a_shard_with_pieces_that_are_wanted_outlives_an_older_one() throws Exception {
        try (var cache = ShardCache.open(folder, 6_500_000)) {
            ShardSpec one = TestWeights.shard("one", b).build();
            ShardSpec two = TestWeights.shard("two", c).build();
            cache.acquire(one, weights, QUIET).close();
            cache.acquire(two, weights, QUIET).close();
            Files.setLastModifiedTime(folder.resolve(one.getShardId() + ".spec"),
                    java.nio.file.attribute.FileTime.fromMillis(1));
            cache.acquire(TestWeights.shard("three", b, weights.tensor("d", 2_000_000)).build(), weights, QUIET)
                    .close();
            assertThat(cache.shardIds()).contains(one.getShardId()).doesNotContain(two.getShardId());
        }
    }

    @Test
    void a_shard_in_use_is_never_evicted_and_the_next_is_refused_with_both_numbers() throws Exception {
        try (var cache = ShardCache.open(folder, 4_000_000)) {
            ShardSpec one = TestWeights.shard("one", a).build();
            try (var _ = cache.acquire(one, weights, QUIET)) {
                assertThatThrownBy(() -> cache.acquire(TestWeights.shard("two", b).build(), weights, QUIET))
                        .isInstanceOf(NoSpaceException.class).hasMessageContaining("2.0 MB")
                        .hasMessageContaining("quota");
                assertThat(cache.shardIds()).containsExactly(one.getShardId());
            }
            cache.acquire(TestWeights.shard("two", b).build(), weights, QUIET).close();
        }
    }

    @Test
    void a_full_disk_is_noticed_before_anything_is_written() throws Exception {
        try (var cache = ShardCache.open(folder, new Room(PLENTY, () -> 1_000_000))) {
            assertThatThrownBy(() -> cache.acquire(TestWeights.shard("one", a).build(), weights, QUIET))
                    .isInstanceOf(NoSpaceException.class).hasMessageContaining("the disk");
        }
        assertThat(names()).containsExactly("lock");
    }

    @Test
    void leftovers_that_are_of_no_use_are_removed_at_start() throws Exception {
        String name = TestWeights.id("x");
        Files.write(folder.resolve(name + ".spec.tmp"), new byte[3]);
        Files.write(folder.resolve(name + ".spec"), new byte[]{1, 2, 3});
        Files.write(folder.resolve(name + ".shard"), new byte[3]);
        Files.write(folder.resolve(TestWeights.id("y") + ".partial"), new byte[3]);
        ShardCache.open(folder, PLENTY).close();
        assertThat(names()).containsExactly("lock");
    }

    @Test
    void two_workers_cannot_share_a_folder() throws Exception {
        try (var _ = ShardCache.open(folder, PLENTY)) {
            assertThatThrownBy(() -> ShardCache.open(folder, PLENTY)).isInstanceOf(IOException.class)
                    .hasMessageContaining("another worker");
        }
    }

    @Test
    void an_id_that_is_used_for_other_contents_is_rebuilt_or_refused_while_in_use() throws Exception {
        ShardSpec first = TestWeights.shard("one", a).build();
        ShardSpec other = TestWeights.shard("one", b).build();
        try (var cache = ShardCache.open(folder, PLENTY)) {
            try (var _ = cache.acquire(first, weights, QUIET)) {
                assertThatThrownBy(() -> cache.acquire(other, weights, QUIET))
                        .isInstanceOf(InvalidShardSpecException.class);
            }
            try (var shard = cache.acquire(other, weights, QUIET)) {
                assertThat(Files.readAllBytes(shard.file())).isEqualTo(expected(other));
            }
        }
    }

    private byte[] expected(ShardSpec spec) {
        var bytes = new ByteArrayOutputStream();
        for (Segment segment : spec.getSegmentsList()) {
            switch (segment.getContentCase()) {
                case LITERAL -> bytes.writeBytes(segment.getLiteral().toByteArray());
                case PIECE -> bytes.writeBytes(weights.bytes(segment.getPiece()));
                default -> bytes.writeBytes(new byte[(int) segment.getHoleBytes()]);
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] read(FileRange range) throws IOException {
        try (var channel = FileChannel.open(range.file())) {
            var buffer = ByteBuffer.allocate((int) range.lengthBytes());
            channel.read(buffer, range.offsetBytes());
            return buffer.array();
        }
    }

    private static void flip(Path file, long offset) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var one = ByteBuffer.allocate(1);
            channel.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ 4)).flip();
            channel.write(one, offset);
        }
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
