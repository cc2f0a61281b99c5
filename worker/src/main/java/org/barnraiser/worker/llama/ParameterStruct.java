package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * One of llama.cpp's parameter structs in one ABI.
 *
 * @param name for messages
 * @param byteSize its sizeof
 * @param fields those that are set or that tell the layout from another, with the values of llama_*_default_params
 */
record ParameterStruct(String name, long byteSize, List<Field> fields) {
    /** What the memory of a probe is filled with, so that the end of the struct shows. */
    static final byte UNTOUCHED = 0x5A;

    /** A field, where it lies, and its default. */
    record Field(String name, ValueLayout layout, long offset, Object value) {
        static Field int32(String name, long offset, int value) {
            return new Field(name, ValueLayout.JAVA_INT, offset, value);
        }

        static Field float32(String name, long offset, float value) {
            return new Field(name, ValueLayout.JAVA_FLOAT, offset, value);
        }

        static Field bool(String name, long offset, boolean value) {
            return new Field(name, ValueLayout.JAVA_BYTE, offset, (byte) (value ? 1 : 0));
        }

        /** A pointer, NULL by default. */
        static Field pointer(String name, long offset) {
            return new Field(name, JAVA_LONG, offset, 0L);
        }

        private Object read(MemorySegment memory) {
            return layout.varHandle().get(memory, offset);
        }

        private long end() {
            return offset + layout.byteSize();
        }
    }

    /** For passing by value; all members are wider than a register pair, so only size and alignment matter. */
    MemoryLayout layout() {
        return MemoryLayout.structLayout(MemoryLayout.sequenceLayout(byteSize / JAVA_LONG.byteSize(), JAVA_LONG))
                .withName(name);
    }

    /** How the probed defaults differ from this layout, or nothing. */
    Optional<String> difference(MemorySegment probed) {
        for (Field field : fields) {
            Object seen = field.read(probed);
            if (!seen.equals(field.value)) {
                return Optional.of("%s of %s at %d: expected %s, seen %s".formatted(field.name, name, field.offset,
                        field.value, seen));
            }
        }
        long end = touchedBytes(probed);
        long lastField = fields.stream().mapToLong(Field::end).max().orElse(0);
        return end < lastField || end > byteSize
                ? Optional.of("size of %s: expected %d, seen %d".formatted(name, byteSize, end))
                : Optional.empty();
    }

    /** The defaults, to be changed field by field and passed to llama.cpp. */
    Values copyOf(MemorySegment probed, Arena arena) {
        MemorySegment memory = arena.allocate(byteSize, JAVA_LONG.byteAlignment());
        MemorySegment.copy(probed, 0, memory, 0, touchedBytes(probed));
        return new Values(memory);
    }

    private Field field(String fieldName) {
        return fields.stream().filter(field -> field.name.equals(fieldName)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(name + " has no field " + fieldName));
    }

    private static long touchedBytes(MemorySegment probed) {
        long end = probed.byteSize();
        while (end > 0 && probed.get(ValueLayout.JAVA_BYTE, end - 1) == UNTOUCHED) {
            end--;
        }
        return end;
    }

    /** An instance of the struct in native memory. */
    final class Values {
        private final MemorySegment memory;

        private Values(MemorySegment memory) {
            this.memory = memory;
        }

        MemorySegment memory() {
            return memory;
        }

        Values set(String field, int value) {
            return store(field, value);
        }

        Values set(String field, boolean value) {
            return store(field, (byte) (value ? 1 : 0));
        }

        Values set(String field, MemorySegment pointer) {
            return store(field, pointer.address());
        }

        private Values store(String fieldName, Object value) {
            Field field = field(fieldName);
            field.layout.varHandle().set(memory, field.offset, value);
            return this;
        }
    }
}
