package org.barnraiser.testing.conformance;

import java.io.IOException;
import java.nio.file.Path;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.testing.models.Family;
import org.barnraiser.testing.models.ModelSize;
import org.barnraiser.testing.models.RandomModel;
import org.barnraiser.worker.llama.LlamaLibrary;

/**
 * The models that conformance is proven with: as small as an architecture allows, with at least three stages' worth of
 * layers.
 */
final class TestModel {

    private TestModel() {}

    /** Writes the family's model, quantised by {@code llama}. */
    static Path write(Family family, GgmlType type, Path folder, LlamaLibrary llama) throws IOException {
        Path file = folder.resolve("%s-%s.gguf".formatted(family, type));
        new RandomModel(family.shape(size(family, type)), type, 1).write(file, llama.types());
        return file;
    }

    /** Writes a model of the same layers with the least work, to learn where it may be cut. */
    static Path writeOutline(Family family, GgmlType type, Path folder, LlamaLibrary llama) throws IOException {
        Path file = folder.resolve("%s-outline.gguf".formatted(family));
        ModelSize outline = ModelSize.tiny().withLayers(size(family, type).layers());
        new RandomModel(family.shape(outline), GgmlType.F32, 1).write(file, llama.types());
        return file;
    }

    /**
     * Three periods of layers for architectures whose layers alternate; for others six in F32, three in what takes
     * longer.
     */
    private static int layers(Family family, GgmlType type) {
        return switch (family) {
            case GPT_OSS -> 6;
            case COHERE2, SMOLLM3, LLAMA4 -> 12;
            case GEMMA3 -> 18;
            case GEMMA2 -> 26;
            case DEEPSEEK2_LITE -> 27;
            default -> type == GgmlType.F32 ? 6 : 3;
        };
    }

    private static ModelSize size(Family family, GgmlType type) {
        ModelSize size = type.blockValues() > 32 ? ModelSize.tinyForSuperBlocks() : ModelSize.tiny();
        return size.withLayers(layers(family, type));
    }
}
