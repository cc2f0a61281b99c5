package org.barnraiser.coordinator.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Writes the fields of a GGUF one by one, right or wrong. */
final class RawGguf {
    static final int UINT32 = 4;
    static final int BOOL = 7;
    static final int STRING = 8;
    static final int ARRAY = 9;
    static final int F32 = 0;
    static final int Q8_0 = 8;

    private final ByteBuffer bytes = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

    /** Magic, version 3 and the two counts. */
    static RawGguf header(long tensors, long entries) {
        return new RawGguf().ascii("GGUF").int32(3).int64(tensors).int64(entries);
    }

    RawGguf ascii(String text) {
        bytes.put(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    RawGguf int8(int value) {
        bytes.put((byte) value);
        return this;
    }

    RawGguf int32(int value) {
        bytes.putInt(value);
        return this;
    }

    RawGguf int64(long value) {
        bytes.putLong(value);
        return this;
    }

    RawGguf text(String text) {
        return int64(text.getBytes(StandardCharsets.UTF_8).length).ascii(text);
    }

    RawGguf uint32(String key, int value) {
        return text(key).int32(UINT32).int32(value);
    }

    RawGguf tensor(String name, int type, long offset, long... shape) {
        text(name).int32(shape.length);
        Arrays.stream(shape).forEach(this::int64);
        return int32(type).int64(offset);
    }

    /** Zeros up to the next multiple of 32, then this many. */
    RawGguf data(int length) {
        bytes.position(bytes.position() + (int) GgufFormat.padding(bytes.position(), 32) + length);
        return this;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    Path writeTo(Path file) throws IOException {
        return Files.write(file, toBytes());
    }
}
