package org.barnraiser.coordinator.gguf;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.LayerRange;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.Segment;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.proto.TokenEmbedding;

/**
 * Describes the shards of a model. A shard is a GGUF that unmodified llama.cpp loads as a whole model of fewer layers:
 *
 * <ul>
 * <li>all but the tail have no vocabulary, so llama.cpp neither loads nor computes an output matrix; what it insists on is there with 32
 * rows of zeros, which take no space in a sparse file;
 * <li>the tail has the output matrix under the name of the token embedding, as if the two were tied, so it is there once.
 * </ul>
 */
public final class Slicer {
    /** Rows of a token embedding that is never read. */
    private static final int DUMMY_VOCABULARY = 32;
    private static final String OUTPUT = "output.weight";
    private static final String OUTPUT_NORM = "output_norm.weight";

    private final ModelFile model;
    private final Manifest manifest;
    private final Architecture architecture;
    private final EngineAbi engine;
    private final int first;
    private final int last;
    private final GgufWriter writer = new GgufWriter();
    /** What each tensor of the shard is in the whole model; absent for zeros. */
    private final Map<String, Optional<Piece>> sources = new LinkedHashMap<>();

    private Slicer(ModelFile model, Manifest manifest, Architecture architecture, EngineAbi engine, int first,
            int last) {
        this.model = model;
        this.manifest = manifest;
        this.architecture = architecture;
        this.engine = engine;
        this.first = first;
        this.last = last;
    }

    /**
     * The shard of layers {@code [first, last)}; the head when {@code first} is 0, the tail when {@code last} is the layer count.
     *
     * @throws IllegalArgumentException when a bound is not one of {@link Architectures#cutPoints}
     */
    public static ShardSpec slice(ModelFile model, Manifest manifest, int first, int last, EngineAbi abi)
            throws GgufException {
        Architectures.check(model, abi);
        List<Integer> cutPoints = Architectures.cutPoints(model, abi).asList();
        if (first >= last || !cutPoints.contains(first) || !cutPoints.contains(last)) {
            throw new IllegalArgumentException("layers [%d, %d) of %s cannot be a shard; it may be cut at %s"
                    .formatted(first, last, model, cutPoints));
        }
        return new Slicer(model, manifest, Architectures.of(model, abi), abi, first, last).describe();
    }

    private ShardSpec describe() throws GgufException {
        new ShardMetadata(model, architecture, engine, first, last).writeTo(writer,
                isTail() ? model.vocabularySize() : DUMMY_VOCABULARY);
        addTensors();
        List<Segment> segments = ShardSegments.of(writer,
                tensor -> Optional.ofNullable(sources.get(tensor)).flatMap(piece -> piece), this::metadataPiece);
        ShardSpec.Builder spec = ShardSpec.newBuilder().setShardId(ShardSegments.id(segments))
                .setModelDigest(manifest.digest())
                .setArchitecture(architecture.name()).setLayers(LayerRange.newBuilder().setFirst(first).setLast(last))
                .setHead(isHead()).setTail(isTail()).addAllSegments(segments)
                .setFileSizeBytes(ShardSegments.lengthOf(segments))
                .setEmbeddingLength(model.embeddingLength())
                .setVocabularySize(model.vocabularySize()).setContextLength(model.contextLength());
        if (isHead()) {
            spec.setEmbedding(embedding());
        }
        return spec.build();
    }

    private boolean isHead() {
        return first == 0;
    }

    private boolean isTail() {
        return last == model.layerCount();
    }

    private void addTensors() throws GgufException {
        Manifest.Entry embedding = entry(ModelFile.TOKEN_EMBEDDING);
        Manifest.Entry output = manifest.tensor(OUTPUT).orElse(embedding);
        if (!isTail()) {
            addZeros(ModelFile.TOKEN_EMBEDDING, GgmlType.F16, model.embeddingLength(), DUMMY_VOCABULARY);
            if (architecture.insistsOnOutput(engine)) {
                addZeros(OUTPUT, GgmlType.F16, model.embeddingLength(), DUMMY_VOCABULARY);
            }
            addZeros(OUTPUT_NORM, GgmlType.F32, model.embeddingLength());
        } else {
            if (architecture.insistsOnOutput(engine)) {
                // Never read, but its shape is checked.
                GgmlType smallest = model.embeddingLength() % GgmlType.Q4_0.blockValues() == 0
                        ? GgmlType.Q4_0
                        : GgmlType.F16;
                addZeros(ModelFile.TOKEN_EMBEDDING, smallest, model.embeddingLength(), model.vocabularySize());
                add(OUTPUT, output);
            } else {
                add(ModelFile.TOKEN_EMBEDDING, output);
            }
            add(OUTPUT_NORM, entry(OUTPUT_NORM));
        }
        for (TensorRule shared : architecture.sharedTensors(model)) {
            manifest.tensor(shared.name()).ifPresent(tensor -> add(shared.name(), tensor));
        }
        for (int layer = first; layer < last; layer++) {
            for (Map.Entry<String, TensorInfo> tensor : LayerTensors.of(model, layer).entrySet()) {
                add(LayerTensors.name(layer - first, tensor.getKey()), entry(tensor.getValue().name()));
            }
        }
    }

    private void add(String name, Manifest.Entry tensor) {
        writer.tensor(name, tensor.type(), tensor.shape().toArray());
        sources.put(name, Optional.of(piece(tensor)));
    }

    private void addZeros(String name, GgmlType type, long... shape) {
        writer.tensor(name, type, shape);
        sources.put(name, Optional.empty());
    }

    private TokenEmbedding embedding() throws GgufException {
        Manifest.Entry table = entry(ModelFile.TOKEN_EMBEDDING);
        return TokenEmbedding.newBuilder().setPiece(piece(table)).setGgmlType(table.type().id())
                .setRows(model.vocabularySize())
                .setColumns(model.embeddingLength()).setScale(architecture.embeddingScale(model))
                .build();
    }

    private Manifest.Entry entry(String tensor) {
        return manifest.tensor(tensor).orElseThrow(() -> new IllegalArgumentException(
                "the manifest is of another model: it has no tensor " + tensor));
    }

    static Piece piece(Manifest.Entry tensor) {
        return Piece.newBuilder().setTensorName(tensor.name()).setSha256(tensor.sha256())
                .setFileIndex(tensor.fileIndex())
                .setSourceOffsetBytes(tensor.offsetBytes()).setLengthBytes(tensor.lengthBytes()).build();
    }

    private Piece metadataPiece(String key) {
        Manifest.MetadataEntry array = manifest.metadata(key).orElseThrow(() -> new IllegalArgumentException(
                "the manifest is of another model: it has no metadata " + key));
        return Piece.newBuilder().setTensorName(key).setSha256(array.sha256()).setSourceOffsetBytes(array.offsetBytes())
                .setLengthBytes(array.lengthBytes()).build();
    }
}
