package org.barnraiser.coordinator.model;

import org.barnraiser.proto.SamplingParameters.Pooling;

/**
 * How a model tells what a text means.
 *
 * @param length numbers of one embedding, at least 1
 * @param pooling how the hidden states of the text's tokens become one
 */
public record EmbeddingShape(int length, Pooling pooling) {}
