package org.barnraiser.coordinator.gguf;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.barnraiser.coordinator.gguf.GgufException.Kind;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.ShardSpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class SplitSetTest {
    @TempDir
    private Path directory;

    private Path single;
    private Manifest ofSingle;

    /** Splits a model into three files: metadata alone, then half of the tensors each. */
    @BeforeEach
    void split() throws IOException {
        single = TinyModel.of("llama", 2).writeTo(directory.resolve("single.gguf"));
        try (ModelFile model = ModelFile.open(single)) {
            ofSingle = Manifest.of(model);
            int half = model.tensors().size() / 2;
            GgufWriter first = new GgufWriter();
            model.metadata().values().forEach(first::put);
            write(first, model, 0, List.of(), model.tensors().size());
            write(new GgufWriter(), model, 1, model.tensors().subList(0, half), model.tensors().size());
            write(new GgufWriter(), model, 2, model.tensors().subList(half, model.tensors().size()),
                    model.tensors().size());
        }
    }

    private void write(GgufWriter writer, ModelFile model, int number, List<TensorInfo> tensors, int total)
            throws IOException {
        writer.putUInt32("split.no", number).putUInt32("split.count", 3).putUInt32("split.tensors.count", total);
        tensors.forEach(tensor -> writer.tensor(tensor.name(), tensor.type(), tensor.shape().toArray()));
        writer.writeTo(member(number), (tensor, out) -> {
            TensorInfo source = model.tensor(tensor.name()).orElseThrow();
            out.write(model.bytes(0, source.offsetBytes(), source.lengthBytes()).toArray(ValueLayout.JAVA_BYTE));
        });
    }

    private Path member(int number) {
        return directory.resolve("model-%05d-of-00003.gguf".formatted(number + 1));
    }

    @Test
    void a_split_model_has_the_identity_of_the_whole() throws IOException {
        try (ModelFile model = ModelFile.open(member(0))) {
            assertThat(model.files()).hasSize(3);
            assertThat(Manifest.of(model).digest()).isEqualTo(ofSingle.digest());
        }
    }

    @Test
    void any_member_stands_for_the_set() throws IOException {
        try (ModelFile model = ModelFile.open(member(2))) {
            assertThat(model.architecture()).isEqualTo("llama");
            assertThat(model.tensors()).hasSize(ofSingle.tensors().size());
        }
    }

    @Test
    void pieces_name_the_file_they_lie_in() throws IOException {
        try (ModelFile model = ModelFile.open(member(0))) {
            ShardSpec spec = Slicer.slice(model, Manifest.of(model), 0, 2, EngineAbi.ENGINE_ABI_B4916);
            try (ModelFile shard = ModelFile.open(ShardAssembly.assemble(spec, model, directory))) {
                assertThat(shard.metadata().contains("split.count")).isFalse();
                assertThat(shard.layerCount()).isEqualTo(2);
            }
        }
    }

    @Test
    void a_missing_member_is_named() throws IOException {
        Files.delete(member(1));
        refused(member(0), Kind.UNREADABLE, "model-00002-of-00003.gguf");
    }

    @Test
    void members_that_have_been_swapped_are_noticed() throws IOException {
        Path aside = directory.resolve("aside");
        Files.move(member(1), aside);
        Files.move(member(2), member(1));
        Files.move(aside, member(2));
        refused(member(0), Kind.BAD_SPLIT, "model-00002-of-00003.gguf: the file says that it is number 3 of 3");
    }

    @Test
    void a_renamed_member_is_noticed() throws IOException {
        Files.move(member(0), directory.resolve("renamed.gguf"));
        refused(directory.resolve("renamed.gguf"), Kind.BAD_SPLIT, "give it its name back");
    }

    @Test
    void a_member_of_another_set_is_noticed() throws IOException {
        Files.copy(member(1), member(2), StandardCopyOption.REPLACE_EXISTING);
        refused(member(0), Kind.BAD_SPLIT, "number 2 of 3");
    }

    private static void refused(Path path, Kind kind, String message) {
        assertThatExceptionOfType(GgufException.class).isThrownBy(() -> ModelFile.open(path))
                .withMessageContaining(message)
                .matches(refusal -> refusal.kind() == kind);
    }
}
