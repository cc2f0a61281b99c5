package org.barnraiser.coordinator.api;

import java.util.List;
import java.util.OptionalInt;
import org.barnraiser.proto.SamplingParameters;

/**
 * What chat and completions have in common.
 *
 * @param choices how many answers to generate in parallel
 * @param maxTokens tokens of each answer at most; none: the rest of the context
 * @param stops strings that end an answer and are not shown
 * @param sampling complete but for the grammar
 * @param constraint what form the answer must have
 * @param stream whether the answer is sent as it is generated
 * @param includeUsage whether a stream ends with its token counts
 */
public record GenerationSettings(int choices, OptionalInt maxTokens, List<String> stops, SamplingParameters sampling,
        AnswerConstraint constraint, boolean stream, boolean includeUsage) {}
