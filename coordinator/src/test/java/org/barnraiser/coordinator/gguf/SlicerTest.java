package org.barnraiser.coordinator.gguf;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.Segment;
import org.barnraiser.proto.ShardSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SlicerTest {
    private static final EngineAbi NEW = EngineAbi.ENGINE_ABI_V0_5;
    private static final EngineAbi OLD = EngineAbi.ENGINE_ABI_B4916;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"llama, 3", "qwen2, 3", "qwen3, 3", "qwen3moe, 3", "gemma3, 14", "phi3, 3", "deepseek2, 3",
            "gpt-oss, 5"})
    void every_shard_of_every_architecture_is_a_model_of_its_own(String architecture, int layers) throws IOException {
        try (ModelFile model = TinyModel.of(architecture, layers).openIn(directory)) {
            Manifest manifest = Manifest.of(model);
            List<Integer> cuts = Architectures.cutPoints(model, NEW).asList();
            assertThat(cuts).startsWith(0).endsWith(layers).hasSizeGreaterThan(2);
            for (int first : cuts) {
                for (int last : cuts.stream().filter(last -> last > first).toList()) {
                    checkShard(model, manifest, first, last);
                }
            }
        }
    }

    private void checkShard(ModelFile model, Manifest manifest, int first, int last) throws IOException {
        ShardSpec spec = Slicer.slice(model, manifest, first, last, NEW);
        boolean tail = last == model.layerCount();
        assertThat(spec.getHead()).isEqualTo(first == 0);
        assertThat(spec.getTail()).isEqualTo(tail);
        assertThat(spec.hasEmbedding()).isEqualTo(first == 0);
        assertThat(spec.getModelDigest()).isEqualTo(manifest.digest());
        try (ModelFile shard = ModelFile.open(ShardAssembly.assemble(spec, model, directory))) {
            Architectures.check(shard, NEW);
            assertThat(shard.layerCount()).isEqualTo(last - first);
            assertThat(shard.vocabularySize()).isEqualTo(tail ? TinyModel.VOCABULARY : 32);
            for (int layer = first; layer < last; layer++) {
                checkLayer(model, layer, shard, layer - first);
            }
        }
    }

    private static void checkLayer(ModelFile model, int layer, ModelFile shard, int renumbered) {
        assertThat(LayerTensors.of(shard, renumbered).keySet()).isEqualTo(LayerTensors.of(model, layer).keySet());
        LayerTensors.of(model, layer).forEach((suffix, tensor) -> {
            TensorInfo moved = shard.tensor(LayerTensors.name(renumbered, suffix)).orElseThrow();
            assertThat(moved.type()).isEqualTo(tensor.type());
            assertThat(moved.shape()).isEqualTo(tensor.shape());
            assertThat(data(shard, moved)).isEqualTo(data(model, tensor));
        });
    }

    private static byte[] data(ModelFile model, TensorInfo tensor) {
        return model.bytes(tensor.fileIndex(), tensor.offsetBytes(), tensor.lengthBytes())
                .toArray(ValueLayout.JAVA_BYTE);
    }

    @Property(tries = 15)
    void any_chain_of_cuts_covers_every_layer_once(@ForAll @IntRange(min = 1, max = 9) int layers,
            @ForAll List<@IntRange(min = 1, max = 8) Integer> cuts) throws IOException {
        Path folder = Files.createTempDirectory("chain");
        try (ModelFile model = TinyModel.of("llama", layers).openIn(folder)) {
            Manifest manifest = Manifest.of(model);
            TreeSet<Integer> points = new TreeSet<>(cuts);
            points.removeIf(point -> point >= layers);
            points.add(layers);
            List<String> covered = new ArrayList<>();
            int first = 0;
            for (int last : points) {
                Slicer.slice(model, manifest, first, last, OLD).getSegmentsList().stream().filter(Segment::hasPiece)
                        .map(segment -> segment.getPiece().getTensorName()).filter(name -> name.startsWith("blk."))
                        .forEach(covered::add);
                first = last;
            }
            assertThat(covered).containsExactlyInAnyOrderElementsOf(model.tensors().stream().map(TensorInfo::name)
                    .filter(name -> name.startsWith("blk.")).toList());
        } finally {
            Files.delete(folder.resolve("llama.gguf"));
            Files.delete(folder);
        }
    }

    @Test
    void the_tail_carries_the_output_matrix_in_place_of_the_embedding() throws IOException {
        try (ModelFile model = TinyModel.of("llama", 2).openIn(directory)) {
            ShardSpec spec = Slicer.slice(model, Manifest.of(model), 1, 2, OLD);
            try (ModelFile shard = ModelFile.open(ShardAssembly.assemble(spec, model, directory))) {
                assertThat(data(shard, shard.tensor("token_embd.weight").orElseThrow()))
                        .isEqualTo(data(model, model.tensor("output.weight").orElseThrow()));
                assertThat(shard.tensor("output.weight")).isEmpty();
                assertThat(shard.metadata().text("tokenizer.ggml.model")).isEqualTo("llama");
            }
        }
    }

    @Test
    void the_tail_of_a_tied_model_carries_the_embedding() throws IOException {
        try (ModelFile model = TinyModel.tied("qwen2", 2).openIn(directory)) {
            ShardSpec spec = Slicer.slice(model, Manifest.of(model), 0, 2, OLD);
            assertThat(spec.getHead() && spec.getTail()).isTrue();
            try (ModelFile shard = ModelFile.open(ShardAssembly.assemble(spec, model, directory))) {
                assertThat(data(shard, shard.tensor("token_embd.weight").orElseThrow()))
                        .isEqualTo(ShardAssembly.verified(spec.getEmbedding().getPiece(), model));
            }
        }
    }

    @Test
    void gpt_oss_gets_an_output_matrix_on_every_stage() throws IOException {
        try (ModelFile model = TinyModel.of("gpt-oss", 4).openIn(directory)) {
            Manifest manifest = Manifest.of(model);
            ShardSpec head = Slicer.slice(model, manifest, 0, 2, NEW);
            ShardSpec tail = Slicer.slice(model, manifest, 2, 4, NEW);
            try (ModelFile shard = ModelFile.open(ShardAssembly.assemble(head, model, directory))) {
                assertThat(shard.tensor("output.weight").orElseThrow().rows()).isEqualTo(32);
            }
            try (ModelFile shard = ModelFile.open(ShardAssembly.assemble(tail, model, directory))) {
                assertThat(data(shard, shard.tensor("output.weight").orElseThrow()))
                        .isEqualTo(data(model, model.tensor("output.weight").orElseThrow()));
                assertThat(data(shard, shard.tensor("token_embd.weight").orElseThrow())).containsOnly(0);
            }
        }
    }

    @Test
    void the_head_of_gemma3_scales_its_embeddings() throws IOException {
        try (ModelFile model = TinyModel.of("gemma3", 6).openIn(directory)) {
            assertThat(Slicer.slice(model, Manifest.of(model), 0, 6, OLD).getEmbedding().getScale()).isEqualTo(8f);
        }
    }

    @ParameterizedTest
    @CsvSource({"0,1,1", "0,2,1", "1,3,0"})
    void leading_dense_layers_are_counted_anew(int first, int last, int expected) throws IOException {
        try (ModelFile model = TinyModel.of("deepseek2", 4).openIn(directory)) {
            ShardSpec spec = Slicer.slice(model, Manifest.of(model), first, last, OLD);
            try (ModelFile shard = ModelFile.open(ShardAssembly.assemble(spec, model, directory))) {
                assertThat(shard.metadata().findWhole("deepseek2.leading_dense_block_count")).hasValue(expected);
                assertThat(shard.metadata().findWhole("deepseek2.expert_gating_func")).hasValue(1);
            }
        }
    }

    @Test
    void lists_with_a_number_for_each_layer_are_cut() throws IOException {
        TinyModel tiny = TinyModel.of("llama", 4);
        tiny.writer().putArray("llama.attention.head_count_kv", MetadataArray.ofUInt32(2, 2, 2, 2))
                .putArray("llama.rope.dimension_sections", MetadataArray.ofInt32(1, 2, 3, 4));
        try (ModelFile model = tiny.openIn(directory)) {
            ShardSpec spec = Slicer.slice(model, Manifest.of(model), 1, 3, OLD);
            try (ModelFile shard = ModelFile.open(ShardAssembly.assemble(spec, model, directory))) {
                assertThat(shard.metadata().findArray("llama.attention.head_count_kv").orElseThrow().size())
                        .isEqualTo(2);
                assertThat(shard.metadata().findArray("llama.rope.dimension_sections").orElseThrow().size())
                        .isEqualTo(4);
            }
        }
    }

    @Test
    void phi3_keeps_the_window_that_its_number_of_layers_chose() throws IOException {
        TinyModel tiny = TinyModel.of("phi3", 32);
        tiny.writer().putUInt32("phi3.context_length", 4096).remove("phi3.attention.sliding_window");
        try (ModelFile model = tiny.openIn(directory)) {
            ShardSpec spec = Slicer.slice(model, Manifest.of(model), 0, 8, OLD);
            try (ModelFile shard = ModelFile.open(ShardAssembly.assemble(spec, model, directory))) {
                assertThat(shard.metadata().findWhole("phi3.attention.sliding_window")).hasValue(2047);
            }
        }
    }

    @Test
    void a_large_vocabulary_is_a_piece_and_not_part_of_the_header() throws IOException {
        TinyModel tiny = TinyModel.of("llama", 2);
        tiny.writer().putArray("tokenizer.ggml.merges", MetadataArray.ofTexts(Collections.nCopies(10_000, "a b")));
        try (ModelFile model = tiny.openIn(directory)) {
            ShardSpec spec = Slicer.slice(model, Manifest.of(model), 1, 2, OLD);
            assertThat(spec.getSerializedSize()).isLessThan(64 << 10);
            try (ModelFile shard = ModelFile.open(ShardAssembly.assemble(spec, model, directory))) {
                assertThat(shard.metadata().findArray("tokenizer.ggml.merges").orElseThrow().text(9_999))
                        .isEqualTo("a b");
            }
        }
    }

    @Test
    void blocks_that_only_predict_drafts_are_left_out() throws IOException {
        TinyModel tiny = TinyModel.of("llama", 3);
        tiny.writer().putUInt32("llama.nextn_predict_layers", 1);
        try (ModelFile model = tiny.openIn(directory)) {
            assertThat(model.layerCount()).isEqualTo(2);
            ShardSpec spec = Slicer.slice(model, Manifest.of(model), 0, 2, OLD);
            try (ModelFile shard = ModelFile.open(ShardAssembly.assemble(spec, model, directory))) {
                assertThat(shard.layerCount()).isEqualTo(2);
                assertThat(LayerTensors.of(shard, 2)).isEmpty();
            }
        }
    }

    @Test
    void a_cut_inside_the_period_is_refused() throws IOException {
        try (ModelFile model = TinyModel.of("gemma3", 12).openIn(directory)) {
            Manifest manifest = Manifest.of(model);
            assertThatThrownBy(() -> Slicer.slice(model, manifest, 0, 4, OLD))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[0, 6, 12]");
        }
    }
}
