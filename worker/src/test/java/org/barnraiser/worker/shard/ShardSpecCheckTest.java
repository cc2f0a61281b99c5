package org.barnraiser.worker.shard;

import java.util.function.Consumer;
import java.util.stream.Stream;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.Segment;
import org.barnraiser.proto.ShardSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ShardSpecCheckTest {
    private static final TestWeights WEIGHTS = new TestWeights();

    @Test
    void a_sound_description_passes() {
        assertThatCode(() -> ShardSpecCheck.check(sound().build())).doesNotThrowAnyException();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    void a_hostile_description_is_refused(String problem, Consumer<ShardSpec.Builder> change) {
        var spec = sound();
        change.accept(spec);
        assertThatThrownBy(() -> ShardSpecCheck.check(spec.build())).isInstanceOf(InvalidShardSpecException.class)
                .hasMessageContaining(problem);
    }

    static Stream<Arguments> hostile() {
        return Stream.of(refused("shard_id", spec -> spec.setShardId("../../etc/passwd")),
                refused("shard_id", spec -> spec.setShardId("A".repeat(64))),
                refused("model_digest", spec -> spec.setModelDigest("")),
                refused("layers.last", spec -> spec.getLayersBuilder().setLast(1_000_000)),
                refused("layers.first", spec -> spec.getLayersBuilder().setFirst(2)),
                refused("layers.first", spec -> spec.getLayersBuilder().setFirst(-1)),
                refused("embedding_length", spec -> spec.setEmbeddingLength(-8)),
                refused("vocabulary_size", spec -> spec.setVocabularySize(0)),
                refused("number of segments", ShardSpec.Builder::clearSegments),
                refused("has no content", spec -> spec.addSegments(Segment.getDefaultInstance())),
                refused("segment's length", spec -> spec.addSegments(Segment.newBuilder().setHoleBytes(-1))),
                refused("segment's length",
                        spec -> spec.addSegments(Segment.newBuilder().setHoleBytes(Long.MAX_VALUE))),
                refused("sum to", spec -> spec.addSegments(Segment.newBuilder().setHoleBytes(1))),
                refused("file_size_bytes", spec -> spec.setFileSizeBytes(-1)),
                refused("piece's length", spec -> spec.getSegmentsBuilder(1).getPieceBuilder().setLengthBytes(0)),
                refused("piece's sha256", spec -> spec.getSegmentsBuilder(1).getPieceBuilder().setSha256("..")),
                refused("tensor's name", spec -> spec.getSegmentsBuilder(1).getPieceBuilder()
                        .setTensorName("x".repeat(257))),
                refused("two lengths", spec -> spec.addSegments(Segment.newBuilder().setPiece(
                        Piece.newBuilder(spec.getSegments(1).getPiece()).setLengthBytes(7)))),
                refused("only a head", spec -> spec.setHead(false)),
                refused("only a head", ShardSpec.Builder::clearEmbedding),
                refused("columns", spec -> spec.getEmbeddingBuilder().setColumns(9)),
                refused("rows", spec -> spec.getEmbeddingBuilder().setRows(9)),
                refused("divide", spec -> spec.getEmbeddingBuilder().getPieceBuilder().setLengthBytes(127)),
                refused("scale", spec -> spec.getEmbeddingBuilder().setScale(Float.NaN)),
                refused("ggml_type", spec -> spec.getEmbeddingBuilder().setGgmlType(-1)));
    }

    private static Arguments refused(String problem, Consumer<ShardSpec.Builder> change) {
        return Arguments.of(problem, change);
    }

    private static ShardSpec.Builder sound() {
        return TestWeights.head("sound", WEIGHTS.tensor("token_embd", 128), WEIGHTS.tensor("a", 1000));
    }
}
