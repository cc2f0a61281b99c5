package org.barnraiser.coordinator.fit;

import com.google.common.collect.ImmutableMap;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with units, as people write them. */
enum Quantity {
    /** Powers of 1024, as for {@code barn worker --memory}. */
    BYTES("24G or 512M", ImmutableMap.of("k", 0x1p10, "m", 0x1p20, "g", 0x1p30, "t", 0x1p40), "(?:i?b)?"),
    BYTES_PER_SECOND(
            "900GB/s", ImmutableMap.of("m", 1e6, "g", 1e9, "t", 1e12), "b/s"),
    OPERATIONS_PER_SECOND(
            "35TFLOPS or 800GFLOPS", ImmutableMap.of("g", 1e9, "t", 1e12), "flops?"),
    BITS_PER_SECOND(
            "1Gbit/s or 100Mbit/s",
            ImmutableMap.of("m", 1e6, "g", 1e9), "(?:bit(?:/s)?|bps)"),
    SECONDS("0.5ms or 200us",
            ImmutableMap.of("m", 1e-3, "u", 1e-6, "µ", 1e-6, "", 1.0), "s");

    private static final double MOST = 1e18;

    private final String example;
    private final ImmutableMap<String, Double> units;
    private final Pattern form;

    Quantity(String example, ImmutableMap<String, Double> units, String rest) {
        this.example = example;
        this.units = units;
        form = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,9})?)\\s*(" + String.join("|", units.keySet()) + ")" + rest,
                Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    }

    /**
     * More than 0.
     *
     * @throws IllegalArgumentException with the end of a sentence
     */
    double parse(String what, String text) {
        Matcher matcher = form.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    what + " is \"" + text + "\", which cannot be read; write it like " + example);
        }
        Double unit = units.get(matcher.group(2).toLowerCase(Locale.ROOT));
        double value = Double.parseDouble(matcher.group(1)) * (unit == null ? 1 : unit);
        if (!(value > 0 && value <= MOST)) {
            throw new IllegalArgumentException(what + " is " + text + "; write one such as " + example);
        }
        return value;
    }
}
