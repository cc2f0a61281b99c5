package org.barnraiser.coordinator.api.embeddings;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;

/** What one text means: a direction, as a vector of length 1. */
public final class Embedding {
    private final float[] values;

    private Embedding(float[] values) {
        this.values = values;
    }

    /** Of pooled hidden states, whatever their length; what is all zero stays so. */
    public static Embedding normalised(List<Float> pooled) {
        double squares = 0;
        for (float value : pooled) {
            squares += (double) value * value;
        }
        double scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
        float[] values = new float[pooled.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (pooled.get(i) * scale);
        }
        return new Embedding(values);
    }

    /** A copy. */
    public float[] values() {
        return values.clone();
    }

    /** Little-endian 32-bit floats, as OpenAI's programs expect them. */
    public String base64() {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return Base64.getEncoder().encodeToString(bytes.array());
    }
}
