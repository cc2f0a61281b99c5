package org.barnraiser.coordinator.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long something counts, as people write it. */
final class Validity {
    private static final Pattern TEXT = Pattern.compile("([1-9][0-9]{0,5})([smhd])");
    private static final Duration MAX = Duration.ofDays(3650);

    private Validity() {}

    static Duration parse(String option, String text) throws CommandException {
        Matcher parts = TEXT.matcher(text);
        if (parts.matches()) {
            long number = Long.parseLong(parts.group(1));
            Duration duration = switch (parts.group(2)) {
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            };
            if (duration.compareTo(MAX) <= 0) {
                return duration;
            }
        }
        throw new CommandException(
                option + " " + text + " is no time: write a number and s, m, h or d, such as 24h, up to"
                        + " 3650d.");
    }
}
