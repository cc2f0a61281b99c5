package org.barnraiser.worker.stage;

import com.google.common.primitives.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.Size;
import org.barnraiser.proto.HiddenStates;
import org.barnraiser.proto.HiddenStates.Encoding;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class HiddenStateCodecTest {
    private static final int GGML_TYPE_Q8_0 = 8;

    @Property(tries = 200)
    void f32_comes_back_bit_by_bit(@ForAll @Size(64) float[] values) {
        assertThat(roundTrip(Encoding.F32, values)).containsExactly(values);
    }

    @Property(tries = 200)
    void f16_keeps_eleven_bits(@ForAll @Size(64) List<@FloatRange(min = -60000, max = 60000) Float> list) {
        float[] values = Floats.toArray(list);
        float[] back = roundTrip(Encoding.F16, values);
        for (int i = 0; i < values.length; i++) {
            assertThat(back[i]).isCloseTo(values[i], within(Math.max(6e-8f, Math.abs(values[i]) / 2048)));
        }
    }

    @Property(tries = 200)
    void q8_keeps_each_block_to_half_a_step(@ForAll @Size(64) List<@FloatRange(min = -9000, max = 9000) Float> list) {
        float[] values = Floats.toArray(list);
        float[] back = roundTrip(Encoding.Q8, values);
        for (int block = 0; block < values.length; block += 32) {
            float largest = 0;
            for (int i = block; i < block + 32; i++) {
                largest = Math.max(largest, Math.abs(values[i]));
            }
            for (int i = block; i < block + 32; i++) {
                assertThat(back[i]).isCloseTo(values[i], within(largest / 127 * 0.6f + 1e-5f));
            }
        }
    }

    @Test
    void f16_saturates_instead_of_becoming_infinite() {
        assertThat(roundTrip(Encoding.F16, new float[]{1e6f, -1e6f})).containsExactly(65504f, -65504f);
    }

    @Test
    void q8_saturates_instead_of_changing_signs() {
        float[] values = new float[32];
        values[0] = 1e7f;
        values[1] = -1e7f;
        float largest = 127 * 65504f;
        assertThat(roundTrip(Encoding.Q8, values)).startsWith(largest, -largest, 0);
    }

    @Test
    void q8_is_ggml_s_own_q8_0() throws Exception {
        var random = new Random(5);
        float[] values = new float[256];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() * 3;
        }
        byte[] expected = LlamaLibrary.open(Optional.empty()).types().quantize(GGML_TYPE_Q8_0, values, 256);
        try (Arena arena = Arena.ofConfined()) {
            var states = HiddenStateCodec.encode(Encoding.Q8, arena.allocateFrom(ValueLayout.JAVA_FLOAT, values));
            byte[] actual = states.getData().toByteArray();
            assertThat(actual).hasSameSizeAs(expected);
            for (int i = 0; i < actual.length; i++) {
                // ggml rounds by another instruction, which may differ where a value lies between two steps.
                assertThat(actual[i]).as("byte %d", i).isCloseTo(expected[i], within((byte) 1));
            }
        }
    }

    private static float[] roundTrip(Encoding encoding, float[] values) {
        try (Arena arena = Arena.ofConfined()) {
            HiddenStates states = HiddenStateCodec.encode(encoding, arena.allocateFrom(ValueLayout.JAVA_FLOAT, values));
            assertThat(states.getData().size()).isEqualTo((int) HiddenStateCodec.encodedBytes(encoding, values.length));
            MemorySegment back = arena.allocate(ValueLayout.JAVA_FLOAT, values.length);
            HiddenStateCodec.decode(states, back);
            return back.toArray(ValueLayout.JAVA_FLOAT);
        }
    }
}
