package org.barnraiser.testing.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** A soak in numbers, as a table for people. */
record SoakReport(long seed) {

    String text(Soak soak, SoakSize before, SoakSize after) {
        StringBuilder text = new StringBuilder();
        text.append("%d faults, seed %d%n%n".formatted(soak.events().size(), seed));
        text.append("%-26s %5s %14s %14s%n".formatted("fault", "times", "median pause", "longest pause"));
        for (SoakFault fault : SoakFault.values()) {
            List<Duration> pauses = soak.events().stream().filter(event -> event.fault() == fault)
                    .map(event -> soak.load().longestPause(event.fromNanos(), event.toNanos())).sorted().toList();
            if (!pauses.isEmpty()) {
                text.append("%-26s %5d %11d ms %11d ms%n".formatted(
                        fault.name().toLowerCase(Locale.ROOT).replace('_', ' '), pauses.size(),
                        pauses.get(pauses.size() / 2).toMillis(), pauses.getLast().toMillis()));
            }
        }
        SoakLoad.Counts counts = soak.load().counts();
        text.append("%nanswers: %d right, %d wrong, %d lost, %d stuck%n".formatted(counts.whole(), counts.wrong(),
                counts.lost(), counts.stuck()));
        text.append("before: %s%nafter:  %s%n".formatted(before, after));
        soak.load().complaints().forEach(complaint -> text.append(complaint).append(System.lineSeparator()));
        return text.toString();
    }
}
