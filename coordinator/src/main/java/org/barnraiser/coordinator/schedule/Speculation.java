package org.barnraiser.coordinator.schedule;

import java.util.Locale;

/**
 * Whether tokens are guessed ahead, to be verified together with the one that is known.
 *
 * @param leastDrafts guesses that are made whenever there is something to guess from, whether it pays or not
 * @param mostDrafts guesses in one step of a sequence, as far as they are expected to pay
 */
public record Speculation(int leastDrafts, int mostDrafts) {
    /** More would hold up others for long when the first of them is wrong. */
    private static final int MOST = 32;

    /** Nothing is guessed. */
    public static final Speculation OFF = new Speculation(0, 0);
    /** Guesses where they are expected to pay. */
    public static final Speculation AUTO = new Speculation(0, MOST);

    public Speculation {
        if (leastDrafts < 0 || mostDrafts < leastDrafts || mostDrafts > MOST) {
            throw new IllegalArgumentException("speculate is " + mostDrafts + "; it must be from 0 to " + MOST);
        }
    }

    /**
     * Reads what a person writes.
     *
     * @param text {@code auto}, {@code off} or a number of guesses to make always
     */
    public static Speculation of(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "auto" -> AUTO;
            case "off" -> OFF;
            default -> {
                try {
                    int drafts = Integer.parseInt(text);
                    yield new Speculation(drafts, drafts);
                } catch (NumberFormatException _) {
                    throw new IllegalArgumentException(
                            "speculate is " + text + "; it must be auto, off or a number from 0 to " + MOST);
                }
            }
        };
    }
}
