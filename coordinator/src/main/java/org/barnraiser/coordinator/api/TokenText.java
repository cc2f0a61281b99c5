package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;

/** How a token and its log-probability look in JSON. */
final class TokenText {
    /** OpenAI's value for "as good as impossible"; JSON has no infinity. */
    private static final double LEAST_LOGPROB = -9999;

    private TokenText() {}

    /** The token's text, or {@code bytes:\xe2\x9c} when it is only a part of a character. */
    static String of(ByteString piece) {
        if (piece.isValidUtf8()) {
            return piece.toStringUtf8();
        }
        StringBuilder text = new StringBuilder("bytes:");
        for (byte value : piece) {
            text.append(String.format("\\x%02x", value));
        }
        return text.toString();
    }

    static double logprob(float logprob) {
        return logprob >= LEAST_LOGPROB ? logprob : LEAST_LOGPROB;
    }

    /** {@code {"token","logprob","bytes"}}. */
    static ObjectNode scored(ByteString piece, float logprob) {
        ObjectNode scored = Json.object().put("token", of(piece)).put("logprob", logprob(logprob));
        ArrayNode bytes = scored.putArray("bytes");
        for (byte value : piece) {
            bytes.add(Byte.toUnsignedInt(value));
        }
        return scored;
    }
}
