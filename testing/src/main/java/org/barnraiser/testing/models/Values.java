package org.barnraiser.testing.models;

import java.util.List;
import org.barnraiser.coordinator.gguf.MetadataArray;
import org.barnraiser.coordinator.gguf.MetadataValue;
import org.barnraiser.coordinator.gguf.ValueType;

/** Java values as GGUF metadata, with the types that llama.cpp's converters choose. */
final class Values {

    private Values() {}

    static MetadataValue of(int value) {
        return new MetadataValue.Whole(ValueType.UINT32, value);
    }

    static MetadataValue of(float value) {
        return new MetadataValue.Real(ValueType.FLOAT32, value);
    }

    static MetadataValue of(boolean value) {
        return new MetadataValue.Flag(value);
    }

    static MetadataValue of(String value) {
        return MetadataValue.Text.of(value);
    }

    static MetadataValue of(List<String> values) {
        return new MetadataValue.Array(MetadataArray.ofTexts(values));
    }

    static MetadataValue of(float[] values) {
        return new MetadataValue.Array(MetadataArray.ofFloat32(values));
    }

    static MetadataValue of(int[] values) {
        return new MetadataValue.Array(MetadataArray.ofInt32(values));
    }
}
