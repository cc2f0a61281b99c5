package org.barnraiser.coordinator.api.jinja;

import java.util.BitSet;
import java.util.function.UnaryOperator;

/**
 * A string whose every character knows whether a reader wrote it. Two texts are equal when their characters are.
 */
public final class Text implements Value {
    private static final BitSet NOBODY = new BitSet(0);
    static final Text EMPTY = new Text("", NOBODY);

    private final String string;
    private final BitSet reader;

    private Text(String string, BitSet reader) {
        this.string = string;
        this.reader = reader;
    }

    /** Text of the template or of the program. */
    public static Text trusted(String string) {
        return new Text(string, NOBODY);
    }

    /** Text that a reader sent. */
    public static Text fromReader(String string) {
        BitSet all = new BitSet(string.length());
        all.set(0, string.length());
        return new Text(string, all);
    }

    public String string() {
        return string;
    }

    public int length() {
        return string.length();
    }

    /** Whether a reader wrote the character at {@code index}. */
    public boolean isFromReader(int index) {
        return reader.get(index);
    }

    /** The first index from {@code index} on whose origin differs from that of {@code index}, or the length. */
    public int endOfRun(int index) {
        int end = reader.get(index) ? reader.nextClearBit(index) : reader.nextSetBit(index);
        return end < 0 ? length() : Math.min(end, length());
    }

    Text slice(int from, int to) {
        if (from == 0 && to == length()) {
            return this;
        }
        return from >= to ? EMPTY : new Text(string.substring(from, to), reader.get(from, to));
    }

    /** This text and then the other. */
    public Text plus(Text other) {
        if (length() == 0) {
            return other;
        }
        return other.length() == 0 ? this : new Builder().append(this).append(other).build();
    }

    /** Applies a change that works character by character or on a whole run, such as upper case. */
    Text map(UnaryOperator<String> change) {
        Builder result = new Builder();
        for (int from = 0; from < length();) {
            int to = endOfRun(from);
            result.append(change.apply(string.substring(from, to)), isFromReader(from));
            from = to;
        }
        return result.build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Text text && string.equals(text.string);
    }

    @Override
    public int hashCode() {
        return string.hashCode();
    }

    /** For diagnosis of the interpreter alone; never shown or logged. */
    @Override
    public String toString() {
        return string;
    }

    /** Puts texts together. */
    static final class Builder {
        private final StringBuilder characters = new StringBuilder();
        private final BitSet reader = new BitSet();

        Builder append(Text text) {
            int at = characters.length();
            characters.append(text.string);
            for (int from = text.reader.nextSetBit(0); from >= 0;) {
                int to = text.reader.nextClearBit(from);
                reader.set(at + from, at + to);
                from = text.reader.nextSetBit(to);
            }
            return this;
        }

        Builder append(String string) {
            characters.append(string);
            return this;
        }

        Builder append(String string, boolean fromReader) {
            int at = characters.length();
            characters.append(string);
            if (fromReader) {
                reader.set(at, characters.length());
            }
            return this;
        }

        int length() {
            return characters.length();
        }

        Text build() {
            return new Text(characters.toString(), (BitSet) reader.clone());
        }
    }
}
