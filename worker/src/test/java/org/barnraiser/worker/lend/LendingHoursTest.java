package org.barnraiser.worker.lend;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.barnraiser.proto.Wish;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class LendingHoursTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final Duration AHEAD = Duration.ofMinutes(2);
    private static final LocalDateTime MONDAY = LocalDateTime.of(2026, 11, 23, 0, 0);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                                            2026-11-23T17:59 | WISH_RECLAIM
                                            2026-11-23T18:00 | WISH_LEND
                                            2026-11-23T23:59 | WISH_LEND
                                            2026-11-24T00:01 | WISH_LEND
                                            2026-11-24T07:57 | WISH_LEND
                                            2026-11-24T07:58 | WISH_LEAVE
                                            2026-11-24T07:59 | WISH_LEAVE
                                            2026-11-24T08:00 | WISH_RECLAIM
                                            2026-11-28T07:59 | WISH_LEND
                                            2026-11-28T08:00 | WISH_LEND
                                            2026-11-29T23:59 | WISH_LEAVE
                                            2026-11-30T00:00 | WISH_RECLAIM
                                            """)
    void nights_and_weekends_are_lent(LocalDateTime time, Wish expected) {
        var hours = hours("Mon-Fri 18:00-08:00; Sat,Sun 00:00-24:00");
        assertThat(hours.wishAt(at(time))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                                            18:00-08:00                       | 7
                                            mon-sun 00:00-24:00               | 7
                                            Sat-Mon 8:00 - 9:00               | 3
                                            Fri,Mon–Tue 08:00–09:00           | 3
                                            """)
    void days_are_read_however_people_write_them(String text, int days) {
        assertThat(hours(text).spans()).singleElement()
                .satisfies(span -> assertThat(span.days()).hasSize(days));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
                                                                 ''                         | no hours are given
                                                                 always                     | "always" is not made of days
                                                                 Mon-Fri                    | "Mon-Fri" is not made of days
                                                                 Mon 18:00-08:00;           | "" is not made of days
                                                                 Montag 18:00-08:00         | "Montag" is no day
                                                                 Mon-Tue-Wed 18:00-08:00    | "Mon-Tue-Wed" is no range
                                                                 Mon 25:00-08:00            | "25:00" is no time
                                                                 Mon 18:60-08:00            | "18:60" is no time
                                                                 Mon 24:00-08:00            | "24:00" is no time
                                                                 Mon 08:00-08:00            | ends when it begins
                                                                 Mon, 08:00-09:00           | "" is no day
                                                                 """)
    void bad_hours_are_named_in_one_sentence(String text, String problem) {
        assertThatIllegalArgumentException().isThrownBy(() -> hours(text))
                .withMessageStartingWith("The hours cannot be read: ").withMessageContaining(problem)
                .withMessageNotContaining("\n");
    }

    @Example
    void a_night_lasts_as_long_as_clocks_say_when_they_change() {
        var hours = hours("Sat 22:00-06:00");
        Instant spring = at(LocalDateTime.of(2026, 3, 28, 22, 0));
        assertThat(hours.endAfter(spring)).contains(spring.plus(Duration.ofHours(7)));
        Instant autumn = at(LocalDateTime.of(2026, 10, 24, 22, 0));
        assertThat(hours.endAfter(autumn)).contains(autumn.plus(Duration.ofHours(9)));
    }

    @Example
    void a_whole_day_is_lent_to_its_end_when_clocks_change() {
        var hours = hours("Sun 00:00-24:00");
        for (var sunday : List.of(LocalDateTime.of(2026, 3, 29, 0, 0), LocalDateTime.of(2026, 10, 25, 0, 0))) {
            assertThat(hours.endAfter(at(sunday))).contains(at(sunday.plusDays(1)));
        }
    }

    @Example
    void hours_without_a_gap_never_end() {
        assertThat(hours("00:00-24:00").endAfter(at(MONDAY))).isEmpty();
        assertThat(hours("06:00-20:00; 20:00-06:00").wishAt(at(MONDAY))).isEqualTo(Wish.WISH_LEND);
    }

    @Property(tries = 300)
    void a_machine_is_lent_exactly_in_its_spans(@ForAll("spans") DailySpan span,
            @ForAll @IntRange(max = 7 * 24 * 60) int minutes) {
        var utc = ZoneId.of("UTC");
        var hours = new LendingHours("", List.of(span), utc, Duration.ZERO);
        LocalDateTime time = MONDAY.plusMinutes(minutes);
        boolean late = !span.end().isAfter(span.start());
        LocalTime clock = time.toLocalTime();
        boolean today = span.days().contains(time.getDayOfWeek()) && !clock.isBefore(span.start())
                && (late || clock.isBefore(span.end()));
        boolean sinceYesterday = late && span.days().contains(time.getDayOfWeek().minus(1))
                && clock.isBefore(span.end());
        assertThat(hours.wishAt(time.atZone(utc).toInstant()) != Wish.WISH_RECLAIM)
                .isEqualTo(today || sinceYesterday);
    }

    @Property(tries = 300)
    void a_machine_leaves_for_some_minutes_before_it_is_taken_back(@ForAll("spans") DailySpan span,
            @ForAll("zones") ZoneId zone, @ForAll @IntRange(max = 366 * 24 * 60) int minutes,
            @ForAll @IntRange(min = 1, max = 30) int ahead) {
        var hours = new LendingHours("", List.of(span), zone, Duration.ofMinutes(ahead));
        Instant now = MONDAY.plusMinutes(minutes).atZone(zone).toInstant();
        Optional<Instant> end = hours.endAfter(now);
        if (end.isEmpty()) {
            assertThat(hours.wishAt(now)).isEqualTo(Wish.WISH_LEND);
        } else if (end.get().isAfter(now)) {
            Instant last = end.get().minusMillis(1);
            assertThat(hours.wishAt(end.get())).isEqualTo(Wish.WISH_RECLAIM);
            assertThat(hours.wishAt(last)).isEqualTo(Wish.WISH_LEAVE);
            assertThat(hours.endAfter(last)).contains(end.get());
        } else {
            assertThat(hours.wishAt(now)).isEqualTo(Wish.WISH_RECLAIM);
        }
    }

    @Provide
    Arbitrary<DailySpan> spans() {
        Arbitrary<LocalTime> times = Arbitraries.integers().between(0, 24 * 60 - 1)
                .map(minute -> LocalTime.MIDNIGHT.plusMinutes(minute));
        return Combinators.combine(Arbitraries.of(DayOfWeek.class).set().ofMinSize(1), times, times)
                .as((days, start, end) -> new DailySpan(EnumSet.copyOf(days), start, end));
    }

    @Provide
    Arbitrary<ZoneId> zones() {
        return Arbitraries.of("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
                .map(ZoneId::of);
    }

    private static LendingHours hours(String text) {
        return LendingHours.parse(text, BERLIN, AHEAD);
    }

    private static Instant at(LocalDateTime time) {
        return time.atZone(BERLIN).toInstant();
    }
}
