package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;

/** The stages of one pipeline, head first; together they cover every layer once. */
public record Plan(ImmutableList<PlannedStage> stages) {}
