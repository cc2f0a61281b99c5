package org.barnraiser.coordinator.gguf;

import java.io.IOException;
import java.nio.file.Path;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.ShardSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class RealModelTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"models/stories260K.gguf, 5, 64, 512", "demo-model/barnraiser-demo.gguf, 8, 192, 1536"})
    void a_real_model_is_read(String file, int layers, int embedding, int vocabulary) throws IOException {
        try (ModelFile model = ModelFile.open(SharedModels.find(file))) {
            assertThat(model.architecture()).isEqualTo("llama");
            assertThat(model.layerCount()).isEqualTo(layers);
            assertThat(model.embeddingLength()).isEqualTo(embedding);
            assertThat(model.vocabularySize()).isEqualTo(vocabulary);
            for (EngineAbi engine : new EngineAbi[]{EngineAbi.ENGINE_ABI_B4916, EngineAbi.ENGINE_ABI_V0_5}) {
                Architectures.check(model, engine);
                assertThat(Architectures.cutPoints(model, engine).length()).isEqualTo(layers + 1);
            }
        }
    }

    @Test
    void shards_of_the_demo_model_are_models() throws IOException {
        try (ModelFile model = ModelFile.open(SharedModels.find("demo-model/barnraiser-demo.gguf"))) {
            assertThat(model.chatTemplate()).isPresent();
            assertThat(model.beginToken()).isEqualTo("<|im_start|>");
            assertThat(model.endToken()).isEqualTo("<|im_end|>");
            Manifest manifest = Manifest.of(model);
            for (int first = 0; first < 8; first += 2) {
                ShardSpec spec = Slicer.slice(model, manifest, first, first + 2, EngineAbi.ENGINE_ABI_B4916);
                try (ModelFile shard = ModelFile.open(ShardAssembly.assemble(spec, model, directory))) {
                    Architectures.check(shard, EngineAbi.ENGINE_ABI_B4916);
                    assertThat(shard.layerCount()).isEqualTo(2);
                }
            }
        }
    }
}
