package org.barnraiser.testing.models;

/** What a tensor does in the model; it decides the tensor's type and the distribution of its values. */
public enum TensorRole {
    /**
     * A matrix in the model's weight type: normal with deviation 1/sqrt(row length), so that activations keep their
     * size.
     */
    MATRIX,
    /** A small matrix that real models keep in F32, such as the router of a mixture of experts. */
    FULL_PRECISION_MATRIX,
    /** Factors of a norm: F32, near 1. */
    NORM,
    /** Added to activations or logits: F32, near 0. */
    BIAS,
    /** Divisors of the rotary frequencies: F32, between 1 and 2. */
    ROPE_FACTORS;
}
