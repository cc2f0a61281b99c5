package org.barnraiser.coordinator.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.barnraiser.coordinator.adapter.Adapters;
import org.barnraiser.coordinator.fit.GgufNeeds;
import org.barnraiser.coordinator.gguf.Architectures;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.coordinator.gguf.GgufException;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.gguf.Slicer;
import org.barnraiser.coordinator.gguf.TensorInfo;
import org.barnraiser.coordinator.model.EmbeddingShape;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.plan.ModelNeeds;
import org.barnraiser.proto.AdapterCut;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.SamplingParameters.Pooling;
import org.barnraiser.proto.ShardSpec;

/** The shards of a GGUF. The file stays open for as long as this is used; whoever opened it closes it. */
final class GgufShardSource implements ShardSource {
    private final ModelFile file;
    private final Manifest manifest;
    private final GgufNeeds needs;
    private final long createdEpochSeconds;
    private final Adapters adapters;

    private GgufShardSource(ModelFile file, Manifest manifest, GgufNeeds needs, long createdEpochSeconds,
            Adapters adapters) {
        this.file = file;
        this.manifest = manifest;
        this.needs = needs;
        this.createdEpochSeconds = createdEpochSeconds;
        this.adapters = adapters;
    }

    static GgufShardSource of(ModelFile file, Manifest manifest, Adapters adapters) throws GgufException, IOException {
        long created = Files.getLastModifiedTime(file.files().getFirst()).toInstant().getEpochSecond();
        return new GgufShardSource(file, manifest, GgufNeeds.of(file), created, adapters);
    }

    /** The name is the GGUF's own as {@link ModelNames} writes it; the date is that of the (first) file's last change. */
    @Override
    public ModelDescription description(int contextTokens) {
        return new ModelDescription(ModelNames.of(file.name(), file.files().getFirst()), manifest.digest(),
                file.architecture(), contextTokens, file.vocabularySize(), createdEpochSeconds, file.chatTemplate(),
                file.beginToken(), file.endToken(), embedding(), adapters.descriptions(),
                file.license());
    }

    /** Models that do not say how take the mean. */
    private Optional<EmbeddingShape> embedding() {
        return switch (file.pooling()) {
            case UNSAID, MEAN -> Optional.of(new EmbeddingShape(file.embeddingLength(), Pooling.MEAN));
            case FIRST -> Optional.of(new EmbeddingShape(file.embeddingLength(), Pooling.FIRST));
            case LAST -> Optional.of(new EmbeddingShape(file.embeddingLength(), Pooling.LAST));
            case OTHER -> Optional.empty();
        };
    }

    @Override
    public int trainedContextTokens() {
        return file.contextLength();
    }

    @Override
    public int layerCount() {
        return file.layerCount();
    }

    @Override
    public String quantisation() {
        Map<GgmlType, Long> bytes = file.tensors().stream()
                .collect(Collectors.groupingBy(TensorInfo::type, Collectors.summingLong(TensorInfo::lengthBytes)));
        return bytes.entrySet().stream().max(Map.Entry.comparingByValue()).map(most -> most.getKey().name())
                .orElse("");
    }

    @Override
    public Optional<String> refusal(EngineAbi engine) {
        try {
            Architectures.check(file, engine);
            return Optional.empty();
        } catch (GgufException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public ModelNeeds needs(Set<EngineAbi> engines, int cacheTokens) {
        try {
            return needs.with(engines, cacheTokens);
        } catch (GgufException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public List<AdapterCut> adapters(int first, int last) {
        return adapters.cuts(first, last);
    }

    @Override
    public ShardSpec shard(int first, int last, EngineAbi engine) {
        try {
            return Slicer.slice(file, manifest, first, last, engine);
        } catch (GgufException e) {
            throw new UncheckedIOException(e);
        }
    }
}
