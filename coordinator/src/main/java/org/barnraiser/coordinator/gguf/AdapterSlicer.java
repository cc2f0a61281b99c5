package org.barnraiser.coordinator.gguf;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.proto.AdapterCut;
import org.barnraiser.proto.LayerRange;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.Segment;
import org.barnraiser.proto.ShardSpec;

/** Cuts an adapter as its model is cut: the part of a shard's layers, numbered from 0 as they are there. */
public final class AdapterSlicer {
    private AdapterSlicer() {}

    /**
     * The part for layers {@code [first, last)}.
     *
     * @param adapter that fits the model
     */
    public static AdapterCut slice(AdapterFile adapter, ModelFile model, int first, int last) {
        var writer = new GgufWriter().putText("general.type", "adapter")
                .putText(ModelFile.ARCHITECTURE_KEY, adapter.architecture()).putText("adapter.type", "lora")
                .putFloat32("adapter.lora.alpha", adapter.alpha());
        Map<String, Piece> pieces = new HashMap<>();
        adapter.byWeight().forEach((weight, pair) -> LayerTensors.parse(weight)
                .filter(name -> name.layer() >= first && name.layer() < last).ifPresent(name -> {
                    String renamed = LayerTensors.name(name.layer() - first, name.suffix());
                    add(writer, pieces, renamed + ".lora_a", adapter.entry(pair.a()));
                    add(writer, pieces, renamed + ".lora_b", adapter.entry(pair.b()));
                }));
        var cut = AdapterCut.newBuilder().setDigest(adapter.digest());
        return pieces.isEmpty() ? cut.build() : cut.setFile(file(adapter, model, writer, pieces, first, last)).build();
    }

    private static void add(GgufWriter writer, Map<String, Piece> pieces, String name, Manifest.Entry tensor) {
        writer.tensor(name, tensor.type(), tensor.shape().toArray());
        pieces.put(name, Slicer.piece(tensor));
    }

    private static ShardSpec file(AdapterFile adapter, ModelFile model, GgufWriter writer, Map<String, Piece> pieces,
            int first, int last) {
        List<Segment> segments = ShardSegments.of(writer, name -> Optional.ofNullable(pieces.get(name)), key -> {
            throw new IllegalStateException("an adapter has no array " + key);
        });
        return ShardSpec.newBuilder().setShardId(ShardSegments.id(segments)).setModelDigest(adapter.digest())
                .setArchitecture(adapter.architecture())
                .setLayers(LayerRange.newBuilder().setFirst(first).setLast(last)).addAllSegments(segments)
                .setFileSizeBytes(ShardSegments.lengthOf(segments)).setEmbeddingLength(model.embeddingLength())
                .setVocabularySize(model.vocabularySize()).setContextLength(model.contextLength()).build();
    }
}
