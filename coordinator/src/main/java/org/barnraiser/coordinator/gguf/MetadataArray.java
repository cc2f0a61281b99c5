package org.barnraiser.coordinator.gguf;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * An array of a GGUF's metadata, kept as its encoded bytes: for a file that is read, a view into the map. So a vocabulary
 * of a quarter of a million tokens costs nothing until it is looked at.
 *
 * <p>Whoever makes one has checked that {@code encoded} holds exactly {@code size} well-formed elements.
 */
public final class MetadataArray implements Iterable<MetadataValue> {
    private final ValueType elementType;
    private final int size;
    private final MemorySegment encoded;

    MetadataArray(ValueType elementType, int size, MemorySegment encoded) {
        this.elementType = elementType;
        this.size = size;
        this.encoded = encoded;
    }

    /** An array of {@code int32}. */
    public static MetadataArray ofInt32(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(values);
        return new MetadataArray(ValueType.INT32, values.length, MemorySegment.ofArray(bytes.array()));
    }

    /** An array of {@code uint32}. */
    public static MetadataArray ofUInt32(int... values) {
        return new MetadataArray(ValueType.UINT32, values.length, ofInt32(values).encoded);
    }

    /** An array of {@code float32}. */
    public static MetadataArray ofFloat32(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return new MetadataArray(ValueType.FLOAT32, values.length, MemorySegment.ofArray(bytes.array()));
    }

    /** An array of {@code bool}. */
    public static MetadataArray ofFlags(boolean... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) (values[i] ? 1 : 0);
        }
        return new MetadataArray(ValueType.BOOL, values.length, MemorySegment.ofArray(bytes));
    }

    /** An array of strings. */
    public static MetadataArray ofTexts(List<String> values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (String value : values) {
            byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
            bytes.writeBytes(length.putLong(0, utf8.length).array());
            bytes.writeBytes(utf8);
        }
        return new MetadataArray(ValueType.STRING, values.size(), MemorySegment.ofArray(bytes.toByteArray()));
    }

    /** The type of every element. */
    public ValueType elementType() {
        return elementType;
    }

    /** Number of elements. */
    public int size() {
        return size;
    }

    /** The elements as they lie in a file: no type or count in front. */
    public MemorySegment encoded() {
        return encoded;
    }

    /** Element {@code index} of an array of whole numbers. */
    public long whole(int index) {
        long at = offsetOf(index);
        return switch (elementType) {
            case UINT8 -> Byte.toUnsignedLong(encoded.get(ValueLayout.JAVA_BYTE, at));
            case INT8 -> encoded.get(ValueLayout.JAVA_BYTE, at);
            case UINT16 -> Short.toUnsignedLong(encoded.get(LittleEndian.SHORT, at));
            case INT16 -> encoded.get(LittleEndian.SHORT, at);
            case UINT32 -> Integer.toUnsignedLong(encoded.get(LittleEndian.INT, at));
            case INT32 -> encoded.get(LittleEndian.INT, at);
            case UINT64, INT64 -> encoded.get(LittleEndian.LONG, at);
            case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> throw new IllegalStateException("an array of " + elementType);
        };
    }

    /** Element {@code index} of an array of floating-point numbers. */
    public double real(int index) {
        long at = offsetOf(index);
        return switch (elementType) {
            case FLOAT32 -> encoded.get(LittleEndian.FLOAT, at);
            case FLOAT64 -> encoded.get(LittleEndian.DOUBLE, at);
            default -> throw new IllegalStateException("an array of " + elementType);
        };
    }

    /** Element {@code index} of an array of truth values. */
    public boolean flag(int index) {
        if (elementType != ValueType.BOOL) {
            throw new IllegalStateException("an array of " + elementType);
        }
        return encoded.get(ValueLayout.JAVA_BYTE, offsetOf(index)) != 0;
    }

    /** Element {@code index} of an array of strings; walks over those before it. */
    public String text(int index) {
        if (elementType != ValueType.STRING) {
            throw new IllegalStateException("an array of " + elementType);
        }
        return ((MetadataValue.Text) slice(index, index + 1).iterator().next()).value();
    }

    /** Elements {@code [from, to)}, sharing the same bytes. */
    public MetadataArray slice(int from, int to) {
        if (from < 0 || from > to || to > size) {
            throw new IndexOutOfBoundsException("[%d, %d) of %d elements".formatted(from, to, size));
        }
        long start = elementType.widthBytes() > 0 ? (long) from * elementType.widthBytes() : skip(0, from);
        long end = elementType.widthBytes() > 0 ? (long) to * elementType.widthBytes() : skip(start, to - from);
        return new MetadataArray(elementType, to - from, encoded.asSlice(start, end - start));
    }

    @Override
    public Iterator<MetadataValue> iterator() {
        return new Iterator<>() {
            private int index;
            private long at;

            @Override
            public boolean hasNext() {
                return index < size;
            }

            @Override
            public MetadataValue next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                long end = skip(at, 1);
                MetadataValue value = valueAt(index, at, end);
                index++;
                at = end;
                return value;
            }
        };
    }

    private MetadataValue valueAt(int index, long at, long end) {
        return switch (elementType) {
            case BOOL -> new MetadataValue.Flag(flag(index));
            case FLOAT32, FLOAT64 -> new MetadataValue.Real(elementType, real(index));
            case STRING -> new MetadataValue.Text(encoded.asSlice(at + Long.BYTES, end - at - Long.BYTES));
            case ARRAY -> {
                ValueType inner = ValueType.ofId(encoded.get(LittleEndian.INT, at)).orElseThrow();
                int count = (int) encoded.get(LittleEndian.LONG, at + Integer.BYTES);
                long elements = at + Integer.BYTES + Long.BYTES;
                yield new MetadataValue.Array(
                        new MetadataArray(inner, count, encoded.asSlice(elements, end - elements)));
            }
            default -> new MetadataValue.Whole(elementType, whole(index));
        };
    }

    private long offsetOf(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("element %d of %d".formatted(index, size));
        }
        return (long) index * elementType.widthBytes();
    }

    /** The offset of the element {@code count} elements after the one at {@code at}. */
    private long skip(long at, long count) {
        return skip(encoded, elementType, at, count);
    }

    private static long skip(MemorySegment bytes, ValueType type, long at, long count) {
        if (type.widthBytes() > 0) {
            return at + count * type.widthBytes();
        }
        long end = at;
        for (long i = 0; i < count; i++) {
            if (type == ValueType.STRING) {
                end += Long.BYTES + bytes.get(LittleEndian.LONG, end);
            } else {
                ValueType inner = ValueType.ofId(bytes.get(LittleEndian.INT, end)).orElseThrow();
                long innerCount = bytes.get(LittleEndian.LONG, end + Integer.BYTES);
                end = skip(bytes, inner, end + Integer.BYTES + Long.BYTES, innerCount);
            }
        }
        return end;
    }

    @Override
    public String toString() {
        return size + " x " + elementType;
    }
}
