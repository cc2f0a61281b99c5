package org.barnraiser.worker.node;

import com.google.protobuf.ByteString;
import io.grpc.StatusException;
import org.barnraiser.proto.AdapterCut;
import org.barnraiser.proto.LayerRange;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.Segment;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.worker.shard.InvalidShardSpecException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Adapters that do not belong to their shard are refused before anything is fetched for them. */
class AdapterCutCheckTest {
    private static final String DIGEST = "a".repeat(64);

    @Test
    void the_part_for_the_shards_layers_is_taken_and_so_is_none() {
        assertThatCode(() -> check(cut(file()), AdapterCut.newBuilder().setDigest("b".repeat(64))))
                .doesNotThrowAnyException();
    }

    @Test
    void what_does_not_belong_to_the_shard_is_refused() {
        assertRefused(cut(file().setModelDigest("c".repeat(64))));
        assertRefused(cut(file().setLayers(LayerRange.newBuilder().setFirst(2).setLast(5))));
        assertRefused(cut(file().setTail(true)));
        assertRefused(cut(file()), cut(file()));
        assertRefused(AdapterCut.newBuilder().setDigest("../../etc/passwd"));
        assertRefused(AdapterCut.newBuilder());
    }

    @Test
    void a_file_that_contradicts_itself_is_refused_as_a_shard_is() {
        assertThatThrownBy(() -> check(cut(file().setFileSizeBytes(99))))
                .isInstanceOf(InvalidShardSpecException.class);
        assertThatThrownBy(() -> check(cut(file().setShardId("../x")))).isInstanceOf(InvalidShardSpecException.class);
    }

    @Test
    void too_many_are_refused() {
        AdapterCut.Builder[] cuts = new AdapterCut.Builder[65];
        for (int i = 0; i < cuts.length; i++) {
            cuts[i] = AdapterCut.newBuilder().setDigest("%064x".formatted(i));
        }
        assertRefused(cuts);
    }

    private static void assertRefused(AdapterCut.Builder... cuts) {
        assertThatThrownBy(() -> check(cuts)).isInstanceOf(StatusException.class).hasMessageContaining("refused");
    }

    private static void check(AdapterCut.Builder... cuts) throws StatusException, InvalidShardSpecException {
        var request = LoadShardRequest.newBuilder().setShard(ShardSpec.newBuilder().setLayers(layers()));
        for (AdapterCut.Builder cut : cuts) {
            request.addAdapters(cut);
        }
        AdapterCutCheck.check(request.build());
    }

    private static AdapterCut.Builder cut(ShardSpec.Builder file) {
        return AdapterCut.newBuilder().setDigest(DIGEST).setFile(file);
    }

    private static ShardSpec.Builder file() {
        return ShardSpec.newBuilder().setShardId("d".repeat(64)).setModelDigest(DIGEST).setArchitecture("llama")
                .setLayers(layers()).setFileSizeBytes(3).setEmbeddingLength(8).setVocabularySize(8)
                .setContextLength(8).addSegments(Segment.newBuilder().setLiteral(ByteString.copyFromUtf8("abc")));
    }

    private static LayerRange layers() {
        return LayerRange.newBuilder().setFirst(1).setLast(4).build();
    }
}
