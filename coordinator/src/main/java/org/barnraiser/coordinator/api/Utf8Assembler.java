package org.barnraiser.coordinator.api;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Puts characters together from bytes that arrive in any cut. An unfinished character waits for its rest; bytes that can
 * no longer become a character turn into U+FFFD.
 */
final class Utf8Assembler {
    private static final int LONGEST_CHARACTER_BYTES = 4;

    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE).onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] unfinished = new byte[0];

    /** Takes bytes and returns the characters that are complete with them. */
    String push(byte[] bytes) {
        return decode(bytes, false);
    }

    /** No more bytes come: an unfinished character becomes U+FFFD. */
    String finish() {
        return decode(new byte[0], true);
    }

    private String decode(byte[] bytes, boolean endOfInput) {
        ByteBuffer in = ByteBuffer.allocate(unfinished.length + bytes.length).put(unfinished).put(bytes).flip();
        // Each byte becomes at most one char, a four-byte character two.
        CharBuffer out = CharBuffer.allocate(in.remaining() + LONGEST_CHARACTER_BYTES);
        decoder.decode(in, out, endOfInput);
        unfinished = new byte[in.remaining()];
        in.get(unfinished);
        return out.flip().toString();
    }
}
