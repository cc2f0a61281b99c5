package org.barnraiser.coordinator.model;

/**
 * A run of text to tokenize.
 *
 * @param text the text
 * @param parseSpecial whether control tokens in it count as such: true for a template's own text, false for a reader's
 */
public record TextPart(String text, boolean parseSpecial) {}
