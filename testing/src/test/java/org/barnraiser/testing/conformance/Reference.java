package org.barnraiser.testing.conformance;

import java.util.List;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.proto.Step;

/** A model, and what it computes uncut. */
record Reference(ModelFile model, Manifest manifest, List<Step> script, Logits logits) {}
