package org.barnraiser.coordinator.api.answer;

/** A piece of an answer, in the order in which the model wrote it. */
public sealed interface AnswerPart {

    /** Words for the reader. */
    record Text(String text) implements AnswerPart {}

    /** What the model thinks before it answers. */
    record Reasoning(String text) implements AnswerPart {}

    /**
     * The model begins to call a tool; the arguments come after it.
     *
     * @param index counts the calls of one answer from 0
     * @param id made here; what a tool's message names to answer the call
     */
    record CallBegin(int index, String id, String name) implements AnswerPart {}

    /** More of a call's arguments, which are one JSON object when all are put together. */
    record CallArguments(int index, String fragment) implements AnswerPart {}
}
