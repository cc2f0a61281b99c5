package org.barnraiser.coordinator.api;

import java.util.List;

/** A whole answer. */
record FinishedChoice(String text, List<Delta.Scored> scored, FinishReason reason) {}
