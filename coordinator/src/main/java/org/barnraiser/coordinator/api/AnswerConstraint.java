package org.barnraiser.coordinator.api;

/** What form an answer must have. */
public sealed interface AnswerConstraint {

    /** Any text. */
    record Free() implements AnswerConstraint {}

    /** Text that a GBNF grammar allows. */
    record Grammar(String gbnf) implements AnswerConstraint {}

    /**
     * JSON that a schema allows.
     *
     * @param json the schema
     * @param param the field it came from
     */
    record Schema(String json, String param) implements AnswerConstraint {}
}
