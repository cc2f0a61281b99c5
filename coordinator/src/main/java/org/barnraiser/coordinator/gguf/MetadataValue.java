package org.barnraiser.coordinator.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** One value of a GGUF's metadata. Strings and arrays read from a file are views into it, decoded on demand. */
public sealed interface MetadataValue {

    /** Its type in the file. */
    ValueType type();

    /** A whole number; a {@code uint64} beyond {@link Long#MAX_VALUE} shows as a negative value. */
    record Whole(ValueType type, long value) implements MetadataValue {
        public Whole {
            if (!type.isWhole()) {
                throw new IllegalArgumentException(type + " is not a type of whole numbers");
            }
        }
    }

    /** A floating-point number. */
    record Real(ValueType type, double value) implements MetadataValue {
        public Real {
            if (!type.isReal()) {
                throw new IllegalArgumentException(type + " is not a type of floating-point numbers");
            }
        }
    }

    /** A truth value. */
    record Flag(boolean value) implements MetadataValue {
        @Override
        public ValueType type() {
            return ValueType.BOOL;
        }
    }

    /**
     * A string.
     *
     * @param utf8 its bytes, which a hostile file may fill with anything
     */
    record Text(MemorySegment utf8) implements MetadataValue {

        public static Text of(String value) {
            return new Text(MemorySegment.ofArray(value.getBytes(StandardCharsets.UTF_8)));
        }

        /** Decodes the string; malformed UTF-8 becomes replacement characters. */
        public String value() {
            return new String(utf8.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        }

        @Override
        public ValueType type() {
            return ValueType.STRING;
        }

        @Override
        public String toString() {
            return "Text[" + utf8.byteSize() + " bytes]";
        }
    }

    /** An array. */
    record Array(MetadataArray elements) implements MetadataValue {
        @Override
        public ValueType type() {
            return ValueType.ARRAY;
        }
    }
}
