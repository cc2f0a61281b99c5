package org.barnraiser.coordinator.api.answer;

import java.util.List;

/**
 * Tells one answer's words, thoughts and calls apart. The result does not depend on how the text is cut: nothing of a marker is
 * ever taken for text, and nothing of the text is lost. For one thread.
 */
public interface PartReader {

    /** Takes more of what the model wrote; what is certain now may be nothing yet. */
    List<AnswerPart> push(String text);

    /** Nothing more comes: the rest. */
    List<AnswerPart> finish();

    /** Takes everything for words. */
    static PartReader plain() {
        return new PartReader() {
            @Override
            public List<AnswerPart> push(String text) {
                return text.isEmpty() ? List.of() : List.of(new AnswerPart.Text(text));
            }

            @Override
            public List<AnswerPart> finish() {
                return List.of();
            }
        };
    }
}
