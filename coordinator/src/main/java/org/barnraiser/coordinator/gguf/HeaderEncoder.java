package org.barnraiser.coordinator.gguf;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Encodes the parts of a GGUF's header one after another. Large arrays of mapped files are not copied. */
final class HeaderEncoder {
    /** Below this an array is copied into the header: a piece of its own would cost more than it saves. */
    static final long VIEW_BYTES = 64 << 10;

    private final List<HeaderPart> parts = new ArrayList<>();
    private final ByteArrayOutputStream made = new ByteArrayOutputStream();
    private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private long partBytes;

    HeaderEncoder int32(int value) {
        made.write(number.putInt(0, value).array(), 0, Integer.BYTES);
        return this;
    }

    HeaderEncoder int64(long value) {
        made.write(number.putLong(0, value).array(), 0, Long.BYTES);
        return this;
    }

    HeaderEncoder text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        int64(utf8.length);
        made.writeBytes(utf8);
        return this;
    }

    HeaderEncoder entry(String key, MetadataValue value) {
        return text(key).int32(value.type().id()).value(key, value);
    }

    /** Zero bytes up to the next multiple of {@code alignment}. */
    HeaderEncoder pad(int alignment) {
        long padding = GgufFormat.padding(size(), alignment);
        made.write(new byte[(int) padding], 0, (int) padding);
        return this;
    }

    long size() {
        return partBytes + made.size();
    }

    List<HeaderPart> parts() {
        flush();
        return List.copyOf(parts);
    }

    HeaderEncoder value(String key, MetadataValue value) {
        switch (value) {
            case MetadataValue.Whole whole -> number(whole.type(), whole.value());
            case MetadataValue.Real(ValueType type, double real) -> {
                if (type == ValueType.FLOAT32) {
                    int32(Float.floatToRawIntBits((float) real));
                } else {
                    int64(Double.doubleToRawLongBits(real));
                }
            }
            case MetadataValue.Flag(boolean flag) -> made.write(flag ? 1 : 0);
            case MetadataValue.Text(MemorySegment utf8) -> {
                int64(utf8.byteSize());
                made.writeBytes(utf8.toArray(ValueLayout.JAVA_BYTE));
            }
            case MetadataValue.Array(MetadataArray elements) -> array(key, elements);
        }
        return this;
    }

    private void number(ValueType type, long value) {
        made.write(number.putLong(0, value).array(), 0, type.widthBytes());
    }

    private void array(String key, MetadataArray array) {
        int32(array.elementType().id()).int64(array.size());
        MemorySegment encoded = array.encoded();
        if (encoded.isNative() && encoded.byteSize() >= VIEW_BYTES) {
            flush();
            parts.add(new HeaderPart.View(key, encoded));
            partBytes += encoded.byteSize();
        } else {
            made.writeBytes(encoded.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    private void flush() {
        if (made.size() > 0) {
            parts.add(new HeaderPart.Made(MemorySegment.ofArray(made.toByteArray())));
            partBytes += made.size();
            made.reset();
        }
    }
}
