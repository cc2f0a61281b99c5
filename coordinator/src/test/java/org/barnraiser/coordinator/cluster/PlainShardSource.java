package org.barnraiser.coordinator.cluster;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.plan.ModelNeeds;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.LayerRange;
import org.barnraiser.proto.ShardSpec;

/** A model without a file: layers of one megabyte each, legal to cut anywhere; refused by engines of the older ABI. */
final class PlainShardSource implements ShardSource {
    static final long LAYER_BYTES = 1_000_000;
    static final int VOCABULARY_SIZE = 100;
    static final String DIGEST = "0123456789abcdef".repeat(4);

    private final int layers;
    private final String name;
    private final String digest;

    PlainShardSource(int layers) {
        this(layers, "plain", DIGEST);
    }

    PlainShardSource(int layers, String name, String digest) {
        this.layers = layers;
        this.name = name;
        this.digest = digest;
    }

    @Override
    public ModelDescription description(int contextTokens) {
        return new ModelDescription(name, digest, "plain", contextTokens, VOCABULARY_SIZE, 0, Optional.empty(), "",
                "");
    }

    @Override
    public int trainedContextTokens() {
        return 512;
    }

    @Override
    public int layerCount() {
        return layers;
    }

    @Override
    public String quantisation() {
        return "F32";
    }

    @Override
    public Optional<String> refusal(EngineAbi engine) {
        return engine == EngineAbi.ENGINE_ABI_B4916
                ? Optional.of("That engine is too old for this model.")
                : Optional.empty();
    }

    @Override
    public ModelNeeds needs(Set<EngineAbi> engines, int cacheTokens) {
        return new ModelNeeds(ImmutableLongArray.copyOf(Collections.nCopies(layers, LAYER_BYTES)), 0, 0, 0,
                ImmutableLongArray.copyOf(Collections.nCopies(layers, 0L)), cacheTokens,
                ImmutableIntArray.copyOf(IntStream.rangeClosed(0, layers)));
    }

    static String shardId(int first, int last) {
        return "layers-" + first + "-" + last;
    }

    @Override
    public ShardSpec shard(int first, int last, EngineAbi engine) {
        return ShardSpec.newBuilder()
                .setShardId(shardId(first, last))
                .setModelDigest(digest)
                .setLayers(LayerRange.newBuilder().setFirst(first).setLast(last))
                .setHead(first == 0)
                .setTail(last == layers)
                .build();
    }
}
