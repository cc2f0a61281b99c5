package org.barnraiser.testing.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a reader saw of one streamed answer.
 *
 * @param status of HTTP; 0 when there was no response
 * @param pieces of text in order
 * @param finishReason empty when the stream broke off
 * @param comments server-sent comments, without the colon
 * @param error what went wrong, in the server's words or the connection's; empty when nothing did
 * @param logprobs entries for tokens, when asked for
 * @param tokens that the server says it generated; 0 when it did not say
 */
public record Answer(int status, List<Piece> pieces, String finishReason, List<String> comments, String error,
        List<JsonNode> logprobs, int tokens) {

    /** Some text, and when it came ({@link System#nanoTime()}). */
    public record Piece(String text, long nanos) {}

    public String text() {
        return pieces.stream().map(Piece::text).collect(Collectors.joining());
    }

    /** A whole answer: it ended in order. */
    public boolean isWhole() {
        return status == 200 && error.isEmpty() && !finishReason.isEmpty();
    }

    /** The longest time without text, from the first piece on; zero for fewer than two pieces. */
    public Duration longestPause() {
        long longest = 0;
        for (int i = 1; i < pieces.size(); i++) {
            longest = Math.max(longest, pieces.get(i).nanos() - pieces.get(i - 1).nanos());
        }
        return Duration.ofNanos(longest);
    }

    /** From a moment ({@link System#nanoTime()}) to the first piece after it; negative when none came. */
    public Duration firstPieceAfter(long nanos) {
        return pieces.stream().mapToLong(Piece::nanos).filter(at -> at > nanos).findFirst().stream()
                .mapToObj(at -> Duration.ofNanos(at - nanos)).findFirst().orElse(Duration.ofNanos(-1));
    }

    /** For messages: everything but the text. */
    public String summary() {
        return "HTTP %d, %d pieces, finish reason '%s', error '%s', longest pause %d ms, comments %s".formatted(status,
                pieces.size(), finishReason, error, longestPause().toMillis(), comments.stream().distinct().toList());
    }
}
