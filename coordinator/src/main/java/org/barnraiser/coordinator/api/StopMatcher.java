package org.barnraiser.coordinator.api;

import java.util.List;
import java.util.Optional;

/**
 * Finds stop strings in text that arrives in chunks. Only text that may still become a stop string is held back. Of several
 * stops the one that is complete first wins, and of those the longest, so the result does not depend on how text is cut.
 */
final class StopMatcher {
    private final List<Stop> stops;
    private final StringBuilder held = new StringBuilder();
    private Optional<String> found = Optional.empty();

    /** @param stops none of them empty */
    StopMatcher(List<String> stops) {
        this.stops = stops.stream().map(stop -> new Stop(stop.codePoints().toArray())).toList();
    }

    /** Takes a chunk of text and returns what may be shown; nothing once a stop was found. */
    String push(String text) {
        if (found.isPresent()) {
            return "";
        }
        int[] codePoints = text.codePoints().toArray();
        for (int codePoint : codePoints) {
            held.appendCodePoint(codePoint);
            int stopChars = 0;
            for (Stop stop : stops) {
                if (stop.advance(codePoint)) {
                    stopChars = Math.max(stopChars, stop.matchedChars());
                }
            }
            if (stopChars > 0) {
                found = Optional.of(held.substring(held.length() - stopChars));
                held.setLength(held.length() - stopChars);
                return release(0);
            }
        }
        return release(stops.stream().mapToInt(Stop::matchedChars).max().orElse(0));
    }

    /** Whether a stop string was found. */
    boolean matched() {
        return found.isPresent();
    }

    /** The stop string that was found. */
    Optional<String> found() {
        return found;
    }

    /** No more text comes: what was held back may be shown after all. */
    String finish() {
        return release(0);
    }

    private String release(int keepChars) {
        int chars = held.length() - keepChars;
        String shown = held.substring(0, chars);
        held.delete(0, chars);
        return shown;
    }

    /** One stop string and how much of it the text's end matches (Knuth, Morris and Pratt). */
    private static final class Stop {
        private final int[] codePoints;
        private final int[] fallback;
        private final int[] charsOfPrefix;
        private int matched;

        Stop(int[] codePoints) {
            this.codePoints = codePoints;
            this.fallback = new int[codePoints.length + 1];
            this.charsOfPrefix = new int[codePoints.length + 1];
            for (int i = 0; i < codePoints.length; i++) {
                charsOfPrefix[i + 1] = charsOfPrefix[i] + Character.charCount(codePoints[i]);
                fallback[i + 1] = i == 0 ? 0 : longestBorder(fallback[i], codePoints[i]);
            }
        }

        /** Whether the stop string is complete with this code point; nothing comes after that. */
        boolean advance(int codePoint) {
            matched = longestBorder(matched, codePoint);
            return matched == codePoints.length;
        }

        int matchedChars() {
            return charsOfPrefix[matched];
        }

        private int longestBorder(int from, int codePoint) {
            int length = from;
            while (length > 0 && codePoints[length] != codePoint) {
                length = fallback[length];
            }
            return codePoints[length] == codePoint ? length + 1 : 0;
        }
    }
}
