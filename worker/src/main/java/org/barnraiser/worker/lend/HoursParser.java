package org.barnraiser.worker.lend;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads opening hours: entries separated by semicolons, each of days and a span. */
final class HoursParser {
    private static final List<String> DAYS = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");
    private static final Pattern ENTRY = Pattern
            .compile("(?:([A-Za-z][A-Za-z, –-]*?)\\s+)?(\\d{1,2}:\\d{2})\\s*[-–]\\s*(\\d{1,2}:\\d{2})");
    private static final int MAX_CHARS = 1000;

    private HoursParser() {}

    static List<DailySpan> parse(String text) {
        if (text.isBlank() || text.length() > MAX_CHARS) {
            throw wrong(text.isBlank() ? "no hours are given" : "the hours are longer than a page");
        }
        var spans = new ArrayList<DailySpan>();
        for (String entry : text.split(";", -1)) {
            spans.add(span(entry.strip()));
        }
        return spans;
    }

    private static DailySpan span(String entry) {
        Matcher matcher = ENTRY.matcher(entry);
        if (!matcher.matches()) {
            throw wrong("\"" + entry + "\" is not made of days and a span of time");
        }
        String days = matcher.group(1);
        LocalTime start = time(matcher.group(2));
        boolean untilMidnight = matcher.group(3).equals("24:00");
        LocalTime end = untilMidnight ? LocalTime.MIDNIGHT : time(matcher.group(3));
        if (start.equals(end) && !untilMidnight) {
            throw wrong("\"" + entry + "\" ends when it begins; a whole day is 00:00-24:00");
        }
        return new DailySpan(days == null ? EnumSet.allOf(DayOfWeek.class) : days(days), start, end);
    }

    private static Set<DayOfWeek> days(String text) {
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (String part : text.split(",", -1)) {
            String[] ends = part.split("[-–]", -1);
            if (ends.length > 2) {
                throw wrong("\"" + part.strip() + "\" is no range of days");
            }
            DayOfWeek last = day(ends[ends.length - 1]);
            for (DayOfWeek day = day(ends[0]); !day.equals(last); day = day.plus(1)) {
                days.add(day);
            }
            days.add(last);
        }
        return days;
    }

    private static DayOfWeek day(String text) {
        int index = DAYS.indexOf(text.strip().toLowerCase(Locale.ROOT));
        if (index < 0) {
            throw wrong("\"" + text.strip() + "\" is no day; days are Mon, Tue, Wed, Thu, Fri, Sat and Sun");
        }
        return DayOfWeek.of(index + 1);
    }

    private static LocalTime time(String text) {
        String[] parts = text.split(":", -1);
        try {
            return LocalTime.of(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
        } catch (DateTimeException _) {
            throw wrong("\"" + text + "\" is no time of the day");
        }
    }

    private static IllegalArgumentException wrong(String problem) {
        return new IllegalArgumentException(
                "The hours cannot be read: " + problem
                        + ". Write them like 'Mon-Fri 18:00-08:00; Sat,Sun 00:00-24:00'.");
    }
}
