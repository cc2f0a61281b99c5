package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;

/**
 * Guesses that what followed the last tokens when they stood together before, in the question or in the answer, follows again: the longest
 * such place, and of equally long ones the latest. Right for quotations, lists, corrected texts and program code, and free.
 */
final class PromptLookup implements Drafter {
    /** Two tokens stand together too often to mean anything. */
    static final int LEAST_COMMON = 3;
    private static final int MOST_COMMON = 24;

    @Override
    public ImmutableIntArray draft(Sequence sequence, int most) {
        int length = sequence.length();
        int best = 0;
        int follows = 0;
        for (int end = length - 1; end >= LEAST_COMMON && best < MOST_COMMON; end--) {
            int common = common(sequence, end, length);
            if (common > best) {
                best = common;
                follows = end;
            }
        }
        return best < LEAST_COMMON ? ImmutableIntArray.of() : from(sequence, follows, most);
    }

    /** Tokens that stand both before {@code end} and at the end of all. */
    private static int common(Sequence sequence, int end, int length) {
        int most = Math.min(MOST_COMMON, end);
        int common = 0;
        while (common < most && sequence.token(end - 1 - common) == sequence.token(length - 1 - common)) {
            common++;
        }
        return common;
    }

    /** Behind the last known token, what was guessed goes on itself: it is a loop. */
    private static ImmutableIntArray from(Sequence sequence, int start, int most) {
        int[] drafts = new int[most];
        int length = sequence.length();
        for (int i = 0; i < most; i++) {
            int position = start + i;
            drafts[i] = position < length ? sequence.token(position) : drafts[position - length];
        }
        return ImmutableIntArray.copyOf(drafts);
    }
}
