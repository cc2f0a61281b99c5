package org.barnraiser.coordinator.attach;

import java.io.Writer;

/** Collects text, and refuses more than a file may hold. */
final class TextLimit extends Writer {
    private final StringBuilder text = new StringBuilder();

    /** Tells that there is too much text, through callers that only know I/O errors. */
    static final class Exceeded extends java.io.IOException {
        private static final long serialVersionUID = 1L;
    }

    @Override
    public void write(char[] buffer, int offset, int length) throws Exceeded {
        if (text.length() + length > Extraction.MAX_CHARACTERS) {
            throw new Exceeded();
        }
        text.append(buffer, offset, length);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}

    @Override
    public String toString() {
        return text.toString();
    }
}
