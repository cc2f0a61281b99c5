package org.barnraiser.coordinator.fair;

/**
 * Whose turn it is.
 *
 * @param account all that one account asks for counts together
 * @param weight its part of a busy pipeline, compared with other accounts'
 */
public record Share(String account, int weight) {
    public Share {
        if (weight < 1) {
            throw new IllegalArgumentException("weight is " + weight + "; it must be at least 1");
        }
    }
}
