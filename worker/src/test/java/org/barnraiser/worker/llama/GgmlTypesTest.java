package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class GgmlTypesTest {
    private static final int COLUMNS = 512;
    private static final int Q4_K = 12;
    private static final int Q8_0 = 8;
    private static final int IQ2_XXS = 16;
    private static final int I32 = 26;
    private static final int REMOVED_Q4_2 = 4;

    /** Values are in [-1, 1]; the errors are those of the type's step there, with some room. */
    @ParameterizedTest
    @CsvSource({"f32, 0, 1, 4, 0", "f16, 1, 1, 2, 0.0005", "q4_0, 2, 32, 18, 0.14", "q8_0, 8, 32, 34, 0.005",
            "q4_K, 12, 256, 144, 0.1", "q6_K, 14, 256, 210, 0.04", "bf16, 30, 1, 2, 0.004"})
    void what_is_quantized_decodes_to_nearly_the_same_on_both_libraries(String name, int type, int blockSize,
            int typeSize, float maxError) throws Exception {
        float[] values = values(2 * COLUMNS);
        for (LlamaAbi abi : LlamaAbi.values()) {
            GgmlTypes types = TestEngines.open(abi).types();
            RowDecoder decoder = types.rowDecoder(type);
            assertThat(decoder.typeName()).isEqualTo(name);
            assertThat(decoder.blockSize()).isEqualTo(blockSize);
            assertThat(decoder.typeSize()).isEqualTo(typeSize);
            float[] decoded = decode(decoder, types.quantize(type, values, COLUMNS));
            for (int i = 0; i < values.length; i++) {
                assertThat(Math.abs(decoded[i] - values[i])).as("%s value %d", abi, i).isLessThanOrEqualTo(maxError);
            }
        }
    }

    @Test
    void both_libraries_quantize_alike() throws Exception {
        float[] values = values(COLUMNS);
        byte[] first = TestEngines.open(LlamaAbi.B4916).types().quantize(Q8_0, values, COLUMNS);
        assertThat(TestEngines.open(LlamaAbi.V0_5).types().quantize(Q8_0, values, COLUMNS)).isEqualTo(first);
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void types_that_cannot_be_are_refused(LlamaAbi abi) {
        GgmlTypes types = TestEngines.open(abi).types();
        for (int type : new int[]{-1, 1000, Integer.MAX_VALUE, REMOVED_Q4_2, I32}) {
            assertThatThrownBy(() -> types.rowDecoder(type)).isInstanceOf(UnsupportedTypeException.class);
        }
        assertThatThrownBy(() -> types.quantize(IQ2_XXS, values(COLUMNS), COLUMNS))
                .isInstanceOf(UnsupportedTypeException.class).hasMessageContaining("importance matrix");
        assertThatThrownBy(() -> types.quantize(I32, values(COLUMNS), COLUMNS))
                .isInstanceOf(UnsupportedTypeException.class);
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void every_type_that_the_library_knows_can_be_asked_for(LlamaAbi abi) {
        GgmlTypes types = TestEngines.open(abi).types();
        int decodable = 0;
        for (int type = 0; type < TestEngines.open(abi).abiFunctions().layout().ggmlTypeCount(); type++) {
            try {
                assertThat(types.rowDecoder(type).typeName()).isNotEmpty();
                decodable++;
            } catch (UnsupportedTypeException e) {
                assertThat(e).hasMessageContaining("ggml type");
            }
        }
        assertThat(decodable).isGreaterThan(20);
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void partial_blocks_and_short_memory_are_refused(LlamaAbi abi) throws Exception {
        GgmlTypes types = TestEngines.open(abi).types();
        assertThatThrownBy(() -> types.quantize(Q4_K, values(128), 128)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> types.quantize(Q8_0, values(100), 64)).isInstanceOf(IllegalArgumentException.class);
        RowDecoder decoder = types.rowDecoder(Q8_0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment row = arena.allocate(decoder.rowBytes(COLUMNS));
            MemorySegment out = arena.allocate(JAVA_FLOAT, COLUMNS);
            assertThatThrownBy(() -> decoder.decode(row.asSlice(1), out, COLUMNS))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> decoder.decode(row, out.asSlice(4), COLUMNS))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    private static float[] decode(RowDecoder decoder, byte[] rows) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocateFrom(JAVA_BYTE, rows);
            long rowBytes = decoder.rowBytes(COLUMNS);
            int count = (int) (rows.length / rowBytes);
            MemorySegment out = arena.allocate(JAVA_FLOAT, (long) count * COLUMNS);
            for (int row = 0; row < count; row++) {
                decoder.decode(source.asSlice(row * rowBytes, rowBytes),
                        out.asSlice((long) row * COLUMNS * Float.BYTES), COLUMNS);
            }
            return out.toArray(JAVA_FLOAT);
        }
    }

    private static float[] values(int count) {
        Random random = new Random(7);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() * 2 - 1;
        }
        return values;
    }
}
