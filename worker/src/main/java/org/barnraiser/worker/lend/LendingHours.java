package org.barnraiser.worker.lend;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.barnraiser.proto.Wish;

/**
 * The hours in which a machine is lent, week after week.
 *
 * @param text as its owner wrote it, for people
 * @param zone whose clocks count
 * @param leaveAhead how long before the end the machine begins to leave
 */
public record LendingHours(String text, List<DailySpan> spans, ZoneId zone, Duration leaveAhead) {
    /** Spans that follow each other without a gap for longer than this have no end. */
    private static final Duration WEEK = Duration.ofDays(8);

    public LendingHours {
        spans = List.copyOf(spans);
    }

    /**
     * Reads hours such as {@code Mon-Fri 18:00-08:00; Sat,Sun 00:00-24:00}.
     *
     * @throws IllegalArgumentException with what is wrong, in one sentence
     */
    public static LendingHours parse(String text, ZoneId zone, Duration leaveAhead) {
        return new LendingHours(text.strip().replace('-', '–'), HoursParser.parse(text), zone, leaveAhead);
    }

    /** What the owner wants at that time. */
    public Wish wishAt(Instant now) {
        Optional<Instant> end = endAfter(now);
        if (end.isPresent() && end.get().equals(now)) {
            return Wish.WISH_RECLAIM;
        }
        boolean endsSoon = end.isPresent() && !now.plus(leaveAhead).isBefore(end.get());
        return endsSoon ? Wish.WISH_LEAVE : Wish.WISH_LEND;
    }

    /** When the machine stops being lent: now if it is not lent now, never (empty) if spans follow each other for ever. */
    Optional<Instant> endAfter(Instant now) {
        Instant end = now;
        for (Optional<Instant> later = spanEnd(end); later.isPresent(); later = spanEnd(end)) {
            end = later.get();
            if (Duration.between(now, end).compareTo(WEEK) > 0) {
                return Optional.empty();
            }
        }
        return Optional.of(end);
    }

    /** The latest end of the spans that this instant is in. */
    private Optional<Instant> spanEnd(Instant instant) {
        LocalDate today = instant.atZone(zone).toLocalDate();
        return spans.stream().flatMap(span -> List.of(today.minusDays(1), today).stream().filter(span::beginsOn)
                .map(date -> span.on(date, zone))).filter(interval -> interval.contains(instant))
                .map(DailySpan.Interval::end).max(Instant::compareTo);
    }
}
