package org.barnraiser.coordinator.bench;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableLongArray;
import java.util.stream.IntStream;

import static com.google.common.collect.ImmutableList.toImmutableList;

/**
 * One streamed answer, timed at the client. Times are {@link System#nanoTime()} of this process.
 *
 * @param askedNanos when the request was sent
 * @param pieceNanos when each piece of text came; at least one
 * @param tokens tokens of the answer, as the server counted them
 * @param promptTokens tokens of the prompt, as the server counted them
 * @param cachedTokens tokens of the prompt that the server did not compute
 * @param text the answer
 */
public record Measurement(long askedNanos, ImmutableLongArray pieceNanos, int tokens, int promptTokens,
        int cachedTokens,
        String text) {
    public Measurement {
        if (pieceNanos.isEmpty()) {
            throw new IllegalArgumentException("an answer without text cannot be timed");
        }
    }

    /** An answer of which only the beginning and the end were timed. */
    public static Measurement of(double timeToFirstTokenMillis, int tokens, double decodeMillis) {
        long first = (long) (timeToFirstTokenMillis * 1e6);
        return new Measurement(0, ImmutableLongArray.of(first, first + (long) (decodeMillis * 1e6)), tokens, 0, 0, "");
    }

    /** From sending the request to the first piece of text. */
    public double timeToFirstTokenMillis() {
        return (firstNanos() - askedNanos) / 1e6;
    }

    /** From the first piece of text to the last. */
    public double decodeMillis() {
        return (lastNanos() - firstNanos()) / 1e6;
    }

    /** Tokens per second after the first one; 0 when there was only one. */
    public double tokensPerSecond() {
        return tokens < 2 || decodeMillis() <= 0 ? 0 : (tokens - 1) * 1000.0 / decodeMillis();
    }

    /** From each piece to the next, of those that came within a time. */
    public ImmutableList<Double> gapsMillis(long fromNanos, long toNanos) {
        return IntStream.range(1, pieceNanos.length())
                .filter(piece -> pieceNanos.get(piece) - fromNanos >= 0 && toNanos - pieceNanos.get(piece) >= 0)
                .mapToObj(piece -> (pieceNanos.get(piece) - pieceNanos.get(piece - 1)) / 1e6)
                .collect(toImmutableList());
    }

    /** From each piece to the next. */
    public ImmutableList<Double> gapsMillis() {
        return gapsMillis(firstNanos(), lastNanos());
    }

    long lastNanos() {
        return pieceNanos.get(pieceNanos.length() - 1);
    }

    long firstNanos() {
        return pieceNanos.get(0);
    }
}
