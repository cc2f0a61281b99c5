package org.barnraiser.coordinator.gguf;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.barnraiser.coordinator.gguf.GgufException.Kind;

/** Walks over the header of a GGUF that may hold anything: every step is checked against the end of the file first. */
final class GgufCursor {
    private final String fileName;
    private final MemorySegment file;
    private long position;

    GgufCursor(String fileName, MemorySegment file) {
        this.fileName = fileName;
        this.file = file;
    }

    long position() {
        return position;
    }

    long remaining() {
        return file.byteSize() - position;
    }

    int int32(String what) throws GgufException {
        return file.get(LittleEndian.INT, advance(Integer.BYTES, what));
    }

    long int64(String what) throws GgufException {
        return file.get(LittleEndian.LONG, advance(Long.BYTES, what));
    }

    /** A count of things that each take at least {@code leastBytes}, so that a small file cannot announce many. */
    int count(String what, long most, long leastBytes) throws GgufException {
        long at = position;
        long count = int64(what);
        if (count < 0 || count > most) {
            throw refusal(Kind.LIMIT_EXCEEDED, at, "%s is %s, but at most %d are read; the file is damaged or hostile",
                    what, Long.toUnsignedString(count), most);
        }
        if (count * leastBytes > remaining()) {
            throw refusal(Kind.TRUNCATED, at, "%s is %d, more than the rest of the file can hold; get the file anew",
                    what, count);
        }
        return (int) count;
    }

    /** A key or name: strict UTF-8 without control characters. */
    String name(String what, int mostBytes) throws GgufException {
        long at = position;
        long length = int64("the length of " + what);
        if (length < 1 || length > mostBytes) {
            throw refusal(Kind.LIMIT_EXCEEDED, at,
                    "%s has %s bytes, but must have 1 to %d; the file is damaged or hostile",
                    what, Long.toUnsignedString(length), mostBytes);
        }
        ByteBuffer bytes = file.asSlice(advance(length, what), length).asByteBuffer();
        try {
            String name = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            if (name.chars().noneMatch(Character::isISOControl)) {
                return name;
            }
        } catch (CharacterCodingException e) {
            throw new GgufException(Kind.BAD_METADATA,
                    sentence(at, what + " is not UTF-8; the file is damaged or hostile"), e);
        }
        throw refusal(Kind.BAD_METADATA, at, "%s has control characters; the file is damaged or hostile", what);
    }

    ValueType valueType(String key) throws GgufException {
        long at = position;
        int id = int32("the type of " + key);
        return ValueType.ofId(id).orElseThrow(() -> refusal(Kind.BAD_METADATA, at,
                "%s has the unknown type %s; the file is damaged or newer than this program", key,
                Integer.toUnsignedString(id)));
    }

    MetadataValue value(String key) throws GgufException {
        ValueType type = valueType(key);
        return switch (type) {
            case STRING -> new MetadataValue.Text(slice(stringLength(key), key));
            case ARRAY -> new MetadataValue.Array(array(key));
            case BOOL -> new MetadataValue.Flag(flag(key));
            case FLOAT32 -> new MetadataValue.Real(type, Float.intBitsToFloat(int32(key)));
            case FLOAT64 -> new MetadataValue.Real(type, Double.longBitsToDouble(int64(key)));
            default -> new MetadataValue.Whole(type,
                    new MetadataArray(type, 1, slice(type.widthBytes(), key)).whole(0));
        };
    }

    private MetadataArray array(String key) throws GgufException {
        ValueType elementType = valueType(key);
        int size = arraySize(key, elementType);
        long start = position;
        skipElements(key, elementType, size, 1);
        return new MetadataArray(elementType, size, file.asSlice(start, position - start));
    }

    private int arraySize(String key, ValueType elementType) throws GgufException {
        long leastBytes = switch (elementType) {
            case STRING -> Long.BYTES;
            case ARRAY -> Integer.BYTES + Long.BYTES;
            default -> elementType.widthBytes();
        };
        return count("the length of the array " + key, Integer.MAX_VALUE, leastBytes);
    }

    private void skipElements(String key, ValueType elementType, int size, int depth) throws GgufException {
        if (depth > GgufFormat.MAX_ARRAY_DEPTH) {
            throw refusal(Kind.LIMIT_EXCEEDED, position,
                    "%s nests arrays more than %d deep; the file is damaged or hostile",
                    key, GgufFormat.MAX_ARRAY_DEPTH);
        }
        switch (elementType) {
            case STRING -> {
                for (int i = 0; i < size; i++) {
                    advance(stringLength(key), key);
                }
            }
            case ARRAY -> {
                for (int i = 0; i < size; i++) {
                    ValueType inner = valueType(key);
                    skipElements(key, inner, arraySize(key, inner), depth + 1);
                }
            }
            case BOOL -> {
                for (int i = 0; i < size; i++) {
                    flag(key);
                }
            }
            default -> advance((long) size * elementType.widthBytes(), key);
        }
    }

    private boolean flag(String key) throws GgufException {
        long at = advance(1, key);
        byte value = file.get(ValueLayout.JAVA_BYTE, at);
        if (value != 0 && value != 1) {
            throw refusal(Kind.BAD_METADATA, at, "%s has a truth value of %d, but only 0 and 1 are; get the file anew",
                    key,
                    value);
        }
        return value == 1;
    }

    private long stringLength(String key) throws GgufException {
        long at = position;
        long length = int64(key);
        if (length < 0 || length > remaining()) {
            throw refusal(Kind.TRUNCATED, at,
                    "%s has a string of %s bytes, more than the rest of the file; get the file anew",
                    key, Long.toUnsignedString(length));
        }
        return length;
    }

    private MemorySegment slice(long length, String what) throws GgufException {
        return file.asSlice(advance(length, what), length);
    }

    /** Steps over {@code length} bytes and returns where they begin. */
    private long advance(long length, String what) throws GgufException {
        if (length > remaining()) {
            throw refusal(Kind.TRUNCATED, position, "the file ends within %s; get the file anew", what);
        }
        long at = position;
        position += length;
        return at;
    }

    @FormatMethod
    private GgufException refusal(Kind kind, long offset, @FormatString String format, Object... arguments) {
        return new GgufException(kind, sentence(offset, format.formatted(arguments)));
    }

    private String sentence(long offset, String problem) {
        return "%s, byte %d: %s.".formatted(fileName, offset, problem);
    }
}
