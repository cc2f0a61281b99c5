package org.barnraiser.testing.models;

/** Turns values into the bytes of a ggml type; llama.cpp's {@code ggml_quantize_chunk} in all but trivial cases. */
@FunctionalInterface
public interface Quantizer {

    /**
     * @param ggmlType a number of {@code enum ggml_type}
     * @param values whole rows
     * @param columns the length of a row, a multiple of the type's block size
     * @return the rows' bytes, one after another
     */
    byte[] quantize(int ggmlType, float[] values, int columns);
}
