package org.barnraiser.coordinator.gguf;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.barnraiser.proto.EngineAbi;

/** The metadata of a shard: the model's own, with all that is counted by layers cut to the shard's. */
record ShardMetadata(ModelFile model, Architecture architecture, EngineAbi engine, int first, int last) {
    private static final Set<String> GENERAL_KEYS = Set.of("general.name", "general.file_type",
            "general.quantization_version");
    private static final String TOKENIZER_PREFIX = "tokenizer.ggml.";
    /** Lists that are not counted by layers, however long they are. */
    private static final Set<String> NOT_PER_LAYER = Set.of("rope.dimension_sections");

    /** @param vocabularySize rows of the shard's token embedding */
    void writeTo(GgufWriter writer, int vocabularySize) throws GgufException {
        writer.putText(ModelFile.ARCHITECTURE_KEY, architecture.name());
        for (Map.Entry<String, MetadataValue> entry : model.metadata().values().entrySet()) {
            if (GENERAL_KEYS.contains(entry.getKey())) {
                writer.put(entry.getKey(), entry.getValue());
            }
        }
        Map<String, MetadataValue> hyperparameters = hyperparameters();
        boolean tail = last == model.layerCount();
        if (!tail) {
            hyperparameters.put("vocab_size", Architecture.uint32(vocabularySize));
        }
        hyperparameters.forEach((name, value) -> writer.put(model.key(name), value));
        if (tail) {
            copyTokenizer(writer);
        } else {
            writer.putText(Vocabulary.MODEL_KEY, Vocabulary.NO_VOCABULARY);
        }
    }

    /** By name without the architecture. */
    private Map<String, MetadataValue> hyperparameters() throws GgufException {
        Map<String, MetadataValue> shard = new LinkedHashMap<>();
        String prefix = model.key("");
        model.metadata().values().forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                String name = key.substring(prefix.length());
                switch (value) {
                    case MetadataValue.Array(MetadataArray elements) when elements.elementType() == ValueType.ARRAY -> {
                        // llama.cpp reads no nested arrays, and refuses a file that has one.
                    }
                    case MetadataValue.Array(MetadataArray elements) when isPerLayer(name, elements) ->
                        shard.put(name, new MetadataValue.Array(elements.slice(first, last)));
                    default -> shard.put(name, value);
                }
            }
        });
        shard.put("block_count", Architecture.uint32(last - first));
        shard.computeIfPresent("nextn_predict_layers", (_, _) -> Architecture.uint32(0));
        architecture.adjust(shard, model, engine, first, last);
        return shard;
    }

    /** Blocks that only predict drafts follow the layers and are counted in some lists. */
    private boolean isPerLayer(String name, MetadataArray elements) {
        boolean counted = elements.size() == model.layerCount() || elements.size() == model.blockCount();
        return counted && !NOT_PER_LAYER.contains(name);
    }

    private void copyTokenizer(GgufWriter writer) {
        model.metadata().values().forEach((key, value) -> {
            boolean nested = value instanceof MetadataValue.Array(MetadataArray elements)
                    && elements.elementType() == ValueType.ARRAY;
            if (key.startsWith(TOKENIZER_PREFIX) && !nested) {
                writer.put(key, value);
            }
        });
    }
}
