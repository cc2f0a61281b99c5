package org.barnraiser.coordinator.gguf;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The metadata of a GGUF, in file order. Typed access: a {@code find…} method is empty when the key is absent, every method throws when
 * the value has another type than was asked for.
 */
public final class Metadata {
    private final String fileName;
    private final Map<String, MetadataValue> values;

    /** @param fileName for messages */
    Metadata(String fileName, Map<String, MetadataValue> values) {
        this.fileName = fileName;
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Every key and value, in file order. */
    public Map<String, MetadataValue> values() {
        return values;
    }

    public boolean contains(String key) {
        return values.containsKey(key);
    }

    public Optional<MetadataValue> find(String key) {
        return Optional.ofNullable(values.get(key));
    }

    public Optional<String> findText(String key) throws GgufException {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case MetadataValue.Text text -> Optional.of(text.value());
            case MetadataValue other -> throw wrongType(key, "a string", other);
        };
    }

    public OptionalLong findWhole(String key) throws GgufException {
        return switch (values.get(key)) {
            case null -> OptionalLong.empty();
            case MetadataValue.Whole whole -> OptionalLong.of(whole.value());
            case MetadataValue other -> throw wrongType(key, "a whole number", other);
        };
    }

    public OptionalDouble findReal(String key) throws GgufException {
        return switch (values.get(key)) {
            case null -> OptionalDouble.empty();
            case MetadataValue.Real real -> OptionalDouble.of(real.value());
            case MetadataValue other -> throw wrongType(key, "a floating-point number", other);
        };
    }

    public Optional<Boolean> findFlag(String key) throws GgufException {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case MetadataValue.Flag flag -> Optional.of(flag.value());
            case MetadataValue other -> throw wrongType(key, "a truth value", other);
        };
    }

    public Optional<MetadataArray> findArray(String key) throws GgufException {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case MetadataValue.Array array -> Optional.of(array.elements());
            case MetadataValue other -> throw wrongType(key, "an array", other);
        };
    }

    /** A string that must be there. */
    public String text(String key) throws GgufException {
        return findText(key).orElseThrow(() -> missing(key));
    }

    /** A whole number that must be there and lie in {@code [least, most]}. */
    public int whole(String key, int least, int most) throws GgufException {
        return inRange(key, findWhole(key).orElseThrow(() -> missing(key)), least, most);
    }

    /** A whole number that, if it is there, must lie in {@code [least, most]}. */
    public int whole(String key, int least, int most, int absent) throws GgufException {
        OptionalLong value = findWhole(key);
        return value.isPresent() ? inRange(key, value.getAsLong(), least, most) : absent;
    }

    private int inRange(String key, long value, int least, int most) throws GgufException {
        if (value < least || value > most) {
            throw new GgufException(GgufException.Kind.BAD_MODEL,
                    "%s: %s is %s, but must be from %d to %d; get the file anew."
                            .formatted(fileName, key, Long.toUnsignedString(value), least, most));
        }
        return (int) value;
    }

    private GgufException missing(String key) {
        return new GgufException(GgufException.Kind.MISSING_METADATA,
                "%s: the metadata lacks %s, which every model needs; the file is incomplete or not a language model."
                        .formatted(fileName, key));
    }

    private GgufException wrongType(String key, String expected, MetadataValue actual) {
        return new GgufException(GgufException.Kind.BAD_METADATA,
                "%s: %s is of type %s, but must be %s; get the file anew."
                        .formatted(fileName, key, actual.type(), expected));
    }
}
