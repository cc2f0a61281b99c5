package org.barnraiser.coordinator.web;

/** Whether a colour can be read on another, by the Web Content Accessibility Guidelines. */
final class Contrast {
    /** What level AA wants for text of ordinary size. */
    static final double READABLE = 4.5;
    /** The darkest background of the light theme, and the lightest of the dark one, as {@code shell.css} has them. */
    static final String LIGHT_PAPER = "#f1eee7";
    static final String DARK_PAPER = "#2c2a27";

    private Contrast() {}

    /** From 1 to 21, for two colours written as {@code #rrggbb}. */
    static double between(String one, String other) {
        double a = luminance(one);
        double b = luminance(other);
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    }

    private static double luminance(String colour) {
        int rgb = Integer.parseInt(colour.substring(1), 16);
        return 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8) + 0.0722 * linear(rgb);
    }

    private static double linear(int channel) {
        double value = (channel & 0xff) / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
    }
}
