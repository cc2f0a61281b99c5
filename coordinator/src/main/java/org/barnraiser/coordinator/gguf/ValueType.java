package org.barnraiser.coordinator.gguf;

import java.util.Locale;
import java.util.Optional;

/** The types a GGUF metadata value can have. In the order of their numbers ({@code enum gguf_type}). */
public enum ValueType {
    UINT8(0, 1),
    INT8(1, 1),
    UINT16(2, 2),
    INT16(3, 2),
    UINT32(4, 4),
    INT32(5, 4),
    FLOAT32(6, 4),
    BOOL(7, 1),
    STRING(8, 0),
    ARRAY(9, 0),
    UINT64(10, 8),
    INT64(11, 8),
    FLOAT64(12, 8);

    private static final ValueType[] BY_ID = values();

    private final int id;
    private final int widthBytes;

    ValueType(int id, int widthBytes) {
        this.id = id;
        this.widthBytes = widthBytes;
    }

    /** Bytes one value takes, 0 for strings and arrays, whose length varies. */
    public int widthBytes() {
        return widthBytes;
    }

    /** The number in the file. */
    public int id() {
        return id;
    }

    /** A whole number of any width and sign. */
    public boolean isWhole() {
        return switch (this) {
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 -> true;
            case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> false;
        };
    }

    /** A floating-point number. */
    public boolean isReal() {
        return this == FLOAT32 || this == FLOAT64;
    }

    static Optional<ValueType> ofId(long id) {
        return id >= 0 && id < BY_ID.length ? Optional.of(BY_ID[(int) id]) : Optional.empty();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
