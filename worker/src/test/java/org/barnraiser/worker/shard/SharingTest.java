package org.barnraiser.worker.shard;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.worker.shard.ShardCache.Damage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Pieces that are fetched from several places, given to others, and kept when nobody else has them. */
class SharingTest {
    private static final long PLENTY = 1L << 30;
    private static final ProgressListener QUIET = (_, _, _) -> {};
    private static final String MODEL = TestWeights.id("model");

    @TempDir
    Path folder;

    private final TestWeights weights = new TestWeights();
    private final Piece a = weights.tensor("a", 300_000);
    private final Piece b = weights.tensor("b", 200_000);
    private final Piece c = weights.tensor("c", 100_000);

    /** Sources in order, one after the other, that remembers who lied. */
    private static class Row implements PieceSources {
        private final List<PieceSource> sources;
        private final List<String> scarce;
        private final Set<String> unique = new HashSet<>();
        private final List<PieceSource> liars = new ArrayList<>();

        Row(List<String> scarce, PieceSource... sources) {
            this.scarce = scarce;
            this.sources = List.of(sources);
        }

        @Override
        public List<PieceSource> of(Piece piece) {
            return sources;
        }

        @Override
        public int copies(Piece piece) {
            return scarce.contains(piece.getTensorName()) ? 1 : 2;
        }

        @Override
        public synchronized void onWrong(PieceSource source, Piece piece) {
            liars.add(source);
        }

        @Override
        public Set<String> mustKeep(String modelDigest, Set<String> pieces) {
            var kept = new HashSet<>(pieces);
            kept.retainAll(unique);
            return kept;
        }
    }

    @Test
    void a_source_that_lies_is_named_and_the_next_one_asked() throws Exception {
        PieceSource liar = (_, piece, sink) -> sink.accept(ByteBuffer.allocate((int) piece.getLengthBytes()));
        var row = new Row(List.of(), liar, weights);
        try (var cache = ShardCache.open(folder, PLENTY);
                var shard = cache.acquire(TestWeights.shard("one", a, b).build(), row, QUIET)) {
            assertThat(row.liars).containsExactly(liar, liar);
            assertThat(cache.examine(MODEL, weights, QUIET)).isEmpty();
            assertThat(shard.file()).exists();
        }
    }

    @Test
    void a_source_that_stops_half_way_is_followed_by_the_next_one() throws Exception {
        PieceSource broken = (digest, piece, sink) -> {
            sink.accept(ByteBuffer.wrap(weights.bytes(piece), 0, 1000));
            throw new WeightsUnavailableException("It is gone.");
        };
        var done = new ArrayList<Long>();
        try (var cache = ShardCache.open(folder, PLENTY);
                var _ = cache.acquire(
                        TestWeights.shard("one", a, b).build(), new Row(List.of(), broken, weights),
                        (_, bytes, total) -> {
                            assertThat(bytes).isLessThanOrEqualTo(total);
                            done.add(total - bytes);
                        })) {
            assertThat(done).last().isEqualTo(0L);
            assertThat(cache.examine(MODEL, weights, QUIET)).isEmpty();
        }
    }

    @Test
    void what_few_have_is_fetched_first() throws Exception {
        try (var cache = ShardCache.open(folder, PLENTY);
                var _ = cache.acquire(TestWeights.shard("one", a, b, c).build(), new Row(List.of("c"), weights),
                        QUIET)) {
            assertThat(weights.asked).containsExactly("c", "a", "b");
        }
    }

    @Test
    void pieces_of_an_unfinished_shard_are_given_to_others() throws Exception {
        weights.failAfterPieces = 1;
        try (var cache = ShardCache.open(folder, PLENTY)) {
            assertThatThrownBy(() -> cache.acquire(TestWeights.shard("one", a, b).build(), weights, QUIET))
                    .isInstanceOf(WeightsUnavailableException.class);
            assertThat(cache.pieces(MODEL)).contains(a.getSha256()).doesNotContain(b.getSha256());
            try (HeldPiece piece = cache.open(MODEL, a.getSha256()).orElseThrow()) {
                assertThat(piece.read(0, 300_000).array()).isEqualTo(weights.bytes(a));
            }
            assertThat(cache.open(MODEL, b.getSha256())).isEmpty();
        }
    }

    @Test
    void a_piece_that_rotted_before_a_restart_is_not_given_to_anybody() throws Exception {
        Path file;
        try (var cache = ShardCache.open(folder, PLENTY);
                var shard = cache.acquire(TestWeights.shard("one", a, b).build(), weights, QUIET)) {
            file = shard.file();
        }
        flip(file, 500);
        try (var cache = ShardCache.open(folder, PLENTY)) {
            assertThat(cache.pieces(MODEL)).contains(a.getSha256(), b.getSha256());
            long before = cache.changes();
            assertThat(cache.open(MODEL, a.getSha256())).isEmpty();
            assertThat(cache.pieces(MODEL)).doesNotContain(a.getSha256());
            assertThat(cache.changes()).isGreaterThan(before);
        }
    }

    @Test
    void a_flipped_bit_is_found_and_repaired_in_place_while_the_shard_is_in_use() throws Exception {
        ShardSpec spec = TestWeights.shard("one", a, b, c).build();
        try (var cache = ShardCache.open(folder, PLENTY);
                var shard = cache.acquire(spec, weights, QUIET);
                var mapped = FileChannel.open(shard.file(), StandardOpenOption.READ)) {
            byte[] before = Files.readAllBytes(shard.file());
            flip(shard.file(), 300_500);
            weights.asked.clear();
            assertThat(cache.examine(MODEL, weights, QUIET)).containsExactly(new Damage("b", true));
            assertThat(weights.asked).containsExactly("b");
            var after = ByteBuffer.allocate(before.length);
            mapped.read(after, 0);
            assertThat(after.array()).isEqualTo(before);
            assertThat(cache.examine(MODEL, weights, QUIET)).isEmpty();
        }
    }

    @Test
    void damage_that_nobody_can_repair_is_named_and_no_longer_shared() throws Exception {
        try (var cache = ShardCache.open(folder, PLENTY);
                var shard = cache.acquire(TestWeights.shard("one", a, b).build(), weights, QUIET)) {
            flip(shard.file(), 500);
            weights.failAfterPieces = 0;
            assertThat(cache.examine(MODEL, weights, QUIET)).containsExactly(new Damage("a", false));
            assertThat(cache.pieces(MODEL)).contains(b.getSha256()).doesNotContain(a.getSha256());
        }
    }

    @Test
    void a_last_copy_is_never_evicted() throws Exception {
        var row = new Row(List.of(), weights);
        try (var cache = ShardCache.open(folder, 400_000)) {
            ShardSpec one = TestWeights.shard("one", b).build();
            ShardSpec two = TestWeights.shard("two", c).build();
            cache.acquire(one, row, QUIET).close();
            cache.acquire(two, row, QUIET).close();
            Files.setLastModifiedTime(folder.resolve(one.getShardId() + ".spec"),
                    java.nio.file.attribute.FileTime.fromMillis(1));
            row.unique.add(b.getSha256());
            cache.acquire(TestWeights.shard("three", weights.tensor("d", 150_000)).build(), row, QUIET).close();
            assertThat(cache.shardIds()).contains(one.getShardId()).doesNotContain(two.getShardId());
            assertThatThrownBy(
                    () -> cache.acquire(TestWeights.shard("four", weights.tensor("e", 350_000)).build(), row, QUIET))
                    .isInstanceOf(NoSpaceException.class)
                    .hasMessageContaining("kept as last copies, of model " + MODEL);
            assertThat(cache.shardIds()).contains(one.getShardId());
        }
    }

    @Test
    void a_piece_that_another_file_here_has_is_no_last_copy() throws Exception {
        var row = new Row(List.of(), weights);
        row.unique.add(b.getSha256());
        try (var cache = ShardCache.open(folder, 750_000)) {
            ShardSpec one = TestWeights.shard("one", b).build();
            ShardSpec two = TestWeights.shard("two", b, a).build();
            cache.acquire(one, row, QUIET).close();
            cache.acquire(two, row, QUIET).close();
            cache.acquire(TestWeights.shard("three", weights.tensor("d", 150_000)).build(), row, QUIET).close();
            assertThat(cache.pieces(MODEL)).contains(b.getSha256());
            assertThat(cache.shardIds()).hasSize(2);
        }
    }

    @Test
    void a_header_which_comes_with_every_description_is_no_last_copy() throws Exception {
        PieceSources others = new PieceSources() {
            @Override
            public List<PieceSource> of(Piece piece) {
                return List.of(weights);
            }

            // The others have the tensors, and never anybody else's header.
            @Override
            public Set<String> mustKeep(String modelDigest, Set<String> pieces) {
                var last = new HashSet<>(pieces);
                last.removeAll(Set.of(a.getSha256(), b.getSha256(), c.getSha256()));
                return last;
            }
        };
        try (var cache = ShardCache.open(folder, 400_000)) {
            ShardSpec one = TestWeights.shard("one", b).build();
            cache.acquire(one, others, QUIET).close();
            cache.acquire(TestWeights.shard("two", a).build(), others, QUIET).close();
            assertThat(cache.shardIds()).doesNotContain(one.getShardId());
        }
    }

    @Test
    void who_cannot_ask_the_others_keeps_everything_and_says_of_which_model() throws Exception {
        var alone = new Row(List.of(), weights) {
            @Override
            public Set<String> mustKeep(String modelDigest, Set<String> pieces) {
                return pieces;
            }
        };
        try (var cache = ShardCache.open(folder, 400_000)) {
            ShardSpec one = TestWeights.shard("one", b).build();
            cache.acquire(one, alone, QUIET).close();
            assertThatThrownBy(() -> cache.acquire(TestWeights.shard("two", a).build(), alone, QUIET))
                    .isInstanceOf(NoSpaceException.class).hasMessageContaining(MODEL).hasMessageContaining("--disk");
            assertThat(cache.shardIds()).containsExactly(one.getShardId());
        }
    }

    @Test
    void what_was_in_use_until_now_was_used_more_recently_than_what_was_only_looked_at_after_it_began()
            throws Exception {
        var row = new Row(List.of(), weights);
        try (var cache = ShardCache.open(folder, 500_000)) {
            ShardSpec long1 = TestWeights.shard("long", b).build();
            ShardSpec brief = TestWeights.shard("brief", c).build();
            CachedShard inUse = cache.acquire(long1, row, QUIET);
            cache.acquire(brief, row, QUIET).close();
            var earlier = java.nio.file.attribute.FileTime.fromMillis(System.currentTimeMillis() - 60_000);
            Files.setLastModifiedTime(folder.resolve(long1.getShardId() + ".spec"), earlier);
            Files.setLastModifiedTime(folder.resolve(brief.getShardId() + ".spec"),
                    java.nio.file.attribute.FileTime.fromMillis(System.currentTimeMillis() - 30_000));
            inUse.close();
            cache.acquire(TestWeights.shard("third", weights.tensor("d", 250_000)).build(), row, QUIET).close();
            assertThat(cache.shardIds()).contains(long1.getShardId()).doesNotContain(brief.getShardId());
        }
    }

    private static void flip(Path file, long offset) throws Exception {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var one = ByteBuffer.allocate(1);
            channel.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ 4)).flip();
            channel.write(one, offset);
        }
    }
}
