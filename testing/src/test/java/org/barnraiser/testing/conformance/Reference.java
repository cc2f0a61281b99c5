package org.barnraiser.testing.conformance;

import java.util.List;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.Step;

/**
 * A model, and what it computes uncut.
 *
 * @param slots of every context
 * @param logits by llama.cpp alone, on the model's own file
 * @param sampled by one stage that has all layers
 */
record Reference(ModelFile model, Manifest manifest, List<Step> script, int slots, Logits logits,
        List<SpanResult> sampled) {}
