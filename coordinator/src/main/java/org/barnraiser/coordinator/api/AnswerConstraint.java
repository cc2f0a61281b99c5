package org.barnraiser.coordinator.api;

/** What form an answer must have. */
public sealed interface AnswerConstraint {

    /** Any text. */
    record Free() implements AnswerConstraint {}

    /** Text that a GBNF grammar allows. */
    record Grammar(String gbnf) implements AnswerConstraint {}
}
