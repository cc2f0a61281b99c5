package org.barnraiser.coordinator.gguf;

import com.google.common.primitives.ImmutableLongArray;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class GgufWriterTest {

    record Tensor(GgmlType type, ImmutableLongArray shape) {}

    @Provide
    Arbitrary<Map<String, MetadataValue>> metadata() {
        Arbitrary<String> keys = Arbitraries.strings().withCharRange('a', 'z').ofMinLength(1).ofMaxLength(20)
                .map(key -> "test." + key);
        return Arbitraries.maps(keys, values()).ofMaxSize(12);
    }

    private static Arbitrary<MetadataValue> values() {
        Arbitrary<MetadataValue> wholes = Combinators
                .combine(Arbitraries.of(ValueType.values()).filter(ValueType::isWhole), Arbitraries.longs())
                .as(GgufWriterTest::whole);
        Arbitrary<String> strings = Arbitraries.strings().ofMaxLength(30);
        return Arbitraries.oneOf(wholes,
                Arbitraries.floats().map(value -> new MetadataValue.Real(ValueType.FLOAT32, value)),
                Arbitraries.doubles().map(value -> new MetadataValue.Real(ValueType.FLOAT64, value)),
                Arbitraries.of(true, false).map(MetadataValue.Flag::new), strings.map(MetadataValue.Text::of),
                strings.list().ofMaxSize(20).map(texts -> new MetadataValue.Array(MetadataArray.ofTexts(texts))),
                Arbitraries.integers().array(int[].class).ofMaxSize(20)
                        .map(numbers -> new MetadataValue.Array(MetadataArray.ofInt32(numbers))),
                Arbitraries.of(true, false).array(boolean[].class).ofMaxSize(20)
                        .map(flags -> new MetadataValue.Array(MetadataArray.ofFlags(flags))));
    }

    /** A number cut to the width of its type. */
    private static MetadataValue whole(ValueType type, long value) {
        return new MetadataValue.Whole(type, switch (type) {
            case UINT8 -> value & 0xff;
            case INT8 -> (byte) value;
            case UINT16 -> value & 0xffff;
            case INT16 -> (short) value;
            case UINT32 -> value & 0xffff_ffffL;
            case INT32 -> (int) value;
            default -> value;
        });
    }

    @Provide
    Arbitrary<List<Tensor>> tensors() {
        Arbitrary<long[]> rest = Arbitraries.longs().between(1, 5).array(long[].class).ofMaxSize(3);
        return Combinators.combine(Arbitraries.of(GgmlType.class), Arbitraries.longs().between(1, 3), rest)
                .as((type, blocks, more) -> {
                    long[] shape = new long[more.length + 1];
                    shape[0] = blocks * type.blockValues();
                    System.arraycopy(more, 0, shape, 1, more.length);
                    return new Tensor(type, ImmutableLongArray.copyOf(shape));
                }).list().ofMaxSize(10);
    }

    @Provide
    Arbitrary<Integer> alignments() {
        return Arbitraries.integers().between(0, 12).map(exponent -> 1 << exponent);
    }

    @Property(tries = 100)
    void what_is_written_is_read(@ForAll("metadata") Map<String, MetadataValue> metadata,
            @ForAll("tensors") List<Tensor> tensors,
            @ForAll("alignments") int alignment) throws IOException {
        GgufWriter writer = new GgufWriter(alignment);
        metadata.forEach(writer::put);
        for (int i = 0; i < tensors.size(); i++) {
            writer.tensor("tensor" + i, tensors.get(i).type(), tensors.get(i).shape().toArray());
        }
        Path path = Files.createTempFile("written", ".gguf");
        try (Arena arena = Arena.ofConfined()) {
            writer.writeTo(path, TinyModel::randomData);
            GgufFile file = GgufFile.open(path, 0, arena);
            metadata.forEach((key, value) -> assertThat(encoded(file.metadata().find(key).orElseThrow())).as(key)
                    .isEqualTo(encoded(value)));
            assertThat(file.tensors()).isEqualTo(writer.tensors());
            assertThat(file.tensors()).allMatch(tensor -> tensor.offsetBytes() % alignment == 0);
            assertThat(file.map().asSlice(0, writer.header().length).toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(writer.header());
        } finally {
            Files.delete(path);
        }
    }

    private static byte[] encoded(MetadataValue value) {
        return new GgufWriter().put("key", value).header();
    }

    @Test
    void what_cannot_be_written_is_refused(@TempDir Path directory) {
        GgufWriter writer = new GgufWriter().tensor("t", GgmlType.F32, 4);
        assertThatIllegalArgumentException().isThrownBy(() -> new GgufWriter(24));
        assertThatIllegalArgumentException().isThrownBy(() -> writer.tensor("t", GgmlType.F32, 4))
                .withMessageContaining("already");
        assertThatIllegalArgumentException().isThrownBy(() -> writer.tensor("u", GgmlType.Q8_0, 33))
                .withMessageContaining("Q8_0");
        assertThatIllegalArgumentException().isThrownBy(() -> writer.tensor("u", GgmlType.F32, 1, 1, 1, 1, 1));
        assertThatIllegalStateException()
                .isThrownBy(() -> writer.writeTo(directory.resolve("short.gguf"), (_, out) -> out.write(1)))
                .withMessageContaining("takes 16 bytes, 1 were written");
    }
}
