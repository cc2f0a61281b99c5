package org.barnraiser.coordinator.api.dialect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.barnraiser.coordinator.api.AnswerFormat;

/**
 * A request that was translated.
 *
 * @param chat the chat request that asks the same
 * @param origins where its fields came from, for errors that speak of them
 * @param format how its answer is written; for this request alone
 */
public record ChatTranslation(ObjectNode chat, FieldOrigins origins, AnswerFormat format) {}
