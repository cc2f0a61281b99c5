package org.barnraiser.worker.stage;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.barnraiser.proto.HiddenStates;
import org.barnraiser.proto.HiddenStates.Encoding;

/** Hidden states on the wire. Values are rows of {@code n_embd} f32 in native memory; all encodings are little-endian. */
final class HiddenStateCodec {
    /** Values per block of {@link Encoding#Q8}, which is ggml's block_q8_0. */
    static final int Q8_BLOCK = 32;

    private static final int Q8_BLOCK_BYTES = Short.BYTES + Q8_BLOCK;
    private static final float Q8_MAX = 127;
    private static final float F16_MAX = 65504;

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private HiddenStateCodec() {}

    /** Bytes that this many values take. For Q8 the values must be whole blocks. */
    static long encodedBytes(Encoding encoding, long values) {
        return switch (encoding) {
            case F32 -> values * Float.BYTES;
            case F16 -> values * Short.BYTES;
            case Q8 -> values / Q8_BLOCK * Q8_BLOCK_BYTES;
            case UNRECOGNIZED -> throw new IllegalArgumentException("An unknown encoding of hidden states");
        };
    }

    /**
     * Encodes native f32 values. F16 saturates: some models' states exceed its range, and an infinity would spoil the row.
     */
    static HiddenStates encode(Encoding encoding, MemorySegment values) {
        int count = Math.toIntExact(values.byteSize() / Float.BYTES);
        var bytes = new byte[Math.toIntExact(encodedBytes(encoding, count))];
        var target = MemorySegment.ofArray(bytes);
        switch (encoding) {
            case F32 -> target.copyFrom(values.asSlice(0, bytes.length));
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    float value = Math.max(-F16_MAX, Math.min(F16_MAX, values.getAtIndex(FLOAT, i)));
                    target.set(SHORT, (long) i * Short.BYTES, Float.floatToFloat16(value));
                }
            }
            case Q8 -> encodeQ8(values, count, target);
            case UNRECOGNIZED -> throw new IllegalArgumentException("An unknown encoding of hidden states");
        }
        return HiddenStates.newBuilder().setEncoding(encoding).setData(UnsafeByteOperations.unsafeWrap(bytes)).build();
    }

    /** Decodes into native f32 values; the caller has checked that the sizes agree. */
    static void decode(HiddenStates states, MemorySegment values) {
        int count = Math.toIntExact(values.byteSize() / Float.BYTES);
        ByteString data = states.getData();
        var source = MemorySegment.ofBuffer(data.asReadOnlyByteBuffer());
        switch (states.getEncoding()) {
            case F32 -> values.copyFrom(source);
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    values.setAtIndex(FLOAT, i, Float.float16ToFloat(source.get(SHORT, (long) i * Short.BYTES)));
                }
            }
            case Q8 -> decodeQ8(source, count, values);
            case UNRECOGNIZED -> throw new IllegalArgumentException("An unknown encoding of hidden states");
        }
    }

    /** As quantize_row_q8_0_ref: scale = largest magnitude / 127, values rounded half away from zero. */
    private static void encodeQ8(MemorySegment values, int count, MemorySegment target) {
        var block = new float[Q8_BLOCK];
        long at = 0;
        for (int start = 0; start < count; start += Q8_BLOCK) {
            MemorySegment.copy(values, FLOAT, (long) start * Float.BYTES, block, 0, Q8_BLOCK);
            float largest = 0;
            for (float value : block) {
                largest = Math.max(largest, Math.abs(value));
            }
            float scale = Math.min(largest / Q8_MAX, F16_MAX);
            float inverse = scale == 0 ? 0 : 1 / scale;
            target.set(SHORT, at, Float.floatToFloat16(scale));
            at += Short.BYTES;
            for (float value : block) {
                float scaled = Math.clamp(value * inverse, -Q8_MAX, Q8_MAX); // the scale itself may have saturated
                target.set(ValueLayout.JAVA_BYTE, at++, (byte) (int) (scaled + Math.copySign(0.5f, scaled)));
            }
        }
    }

    private static void decodeQ8(MemorySegment source, int count, MemorySegment values) {
        long at = 0;
        for (int start = 0; start < count; start += Q8_BLOCK) {
            float scale = Float.float16ToFloat(source.get(SHORT, at));
            at += Short.BYTES;
            for (int i = start; i < start + Q8_BLOCK; i++) {
                values.setAtIndex(FLOAT, i, scale * source.get(ValueLayout.JAVA_BYTE, at++));
            }
        }
    }
}
