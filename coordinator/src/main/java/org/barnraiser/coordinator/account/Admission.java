package org.barnraiser.coordinator.account;

import com.google.common.collect.ImmutableMap;

/** A request that was let in, until it is closed. For one thread at a time. */
public interface Admission extends AutoCloseable {
    /** For those without a key, whom nobody counts. */
    Admission UNLIMITED = new Admission() {
        @Override
        public int reserve(int promptTokens, int answerTokens, int choices, boolean asked) {
            return answerTokens;
        }

        @Override
        public void used(int promptTokens, int answerTokens) {}

        @Override
        public ImmutableMap<String, String> headers() {
            return ImmutableMap.of();
        }

        @Override
        public void close() {}
    };

    /**
     * Reserves what the request may come to use; blocks on the database for a moment.
     *
     * @param answerTokens of each choice, at most
     * @param asked whether the caller named that number: then it is reserved or refused, and else cut to what is left
     * @return the tokens that each choice may have
     */
    int reserve(int promptTokens, int answerTokens, int choices, boolean asked)
            throws RefusedException, AccountException;

    /** Says what it used, all choices together, before it is closed. */
    void used(int promptTokens, int answerTokens);

    /** What is left, as OpenAI's headers say it. */
    ImmutableMap<String, String> headers();

    /** Settles. Never blocks. */
    @Override
    void close();
}
