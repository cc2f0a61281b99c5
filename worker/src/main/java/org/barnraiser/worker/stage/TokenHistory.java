package org.barnraiser.worker.stage;

import java.util.Arrays;

/** The tokens of one slot by position, from 0 without gaps. */
final class TokenHistory {
    private int[] tokens = new int[64];
    private int length;

    int length() {
        return length;
    }

    int get(int position) {
        return tokens[position];
    }

    void add(int token) {
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, length * 2);
        }
        tokens[length++] = token;
    }

    /** Forgets positions from there on. */
    void truncate(int newLength) {
        length = Math.min(length, newLength);
    }

    /** Becomes the first {@code count} tokens of another. */
    void copyOf(TokenHistory other, int count) {
        tokens = Arrays.copyOf(other.tokens, other.tokens.length);
        length = Math.min(other.length, count);
    }
}
