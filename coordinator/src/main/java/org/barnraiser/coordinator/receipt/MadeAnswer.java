package org.barnraiser.coordinator.receipt;

import java.util.Map;
import org.barnraiser.coordinator.model.GenerationRequest;

/**
 * One answer of a request, as a receipt tells of it.
 *
 * @param request what was generated from
 * @param completionTokens of the answer, as its reader is told
 * @param digests SHA-256 in hex of what the reader got, by what it is, such as "text"
 */
public record MadeAnswer(GenerationRequest request, int completionTokens, String finishReason,
        Map<String, String> digests) {}
