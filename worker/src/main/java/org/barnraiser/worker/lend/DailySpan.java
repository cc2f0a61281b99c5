package org.barnraiser.worker.lend;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Set;

/**
 * A span of time that begins on each of some days of the week, in local time.
 *
 * @param end {@link LocalTime#MIDNIGHT} is the midnight that ends the day; not after {@code start} means the day after
 */
record DailySpan(Set<DayOfWeek> days, LocalTime start, LocalTime end) {
    DailySpan {
        days = Set.copyOf(days);
    }

    /** From an instant on, and up to but without another. */
    record Interval(Instant start, Instant end) {
        boolean contains(Instant instant) {
            return !instant.isBefore(start) && instant.isBefore(end);
        }
    }

    boolean beginsOn(LocalDate date) {
        return days.contains(date.getDayOfWeek());
    }

    /** The span that begins on that date. Where clocks are put forward over one of its ends, that end moves with them. */
    Interval on(LocalDate date, ZoneId zone) {
        LocalDate endDate = end.isAfter(start) ? date : date.plusDays(1);
        return new Interval(date.atTime(start).atZone(zone).toInstant(), endDate.atTime(end).atZone(zone).toInstant());
    }
}
