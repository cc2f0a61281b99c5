package org.barnraiser.coordinator.bench;

/**
 * One streamed answer, timed at the client.
 *
 * @param timeToFirstTokenMillis from sending the request to the first piece of text
 * @param tokens tokens of the answer, as the server counted them
 * @param decodeMillis from the first piece of text to the last
 */
public record Measurement(double timeToFirstTokenMillis, int tokens, double decodeMillis) {

    /** Tokens per second after the first one; 0 when there was only one. */
    public double tokensPerSecond() {
        return tokens < 2 || decodeMillis <= 0 ? 0 : (tokens - 1) * 1000.0 / decodeMillis;
    }
}
