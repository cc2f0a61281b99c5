package org.barnraiser.coordinator.bench;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What one group saw.
 *
 * @param turns the measurements of each turn of the conversations: the first turns, the second, …
 */
public record GroupResult(Group group, ImmutableList<ImmutableList<Measurement>> turns) {
    public List<Measurement> answers() {
        return turns.stream().flatMap(List::stream).toList();
    }

    public int tokens() {
        return answers().stream().mapToInt(Measurement::tokens).sum();
    }

    /** From the first question to the last word. */
    public double seconds() {
        long from = beginNanos();
        return answers().stream()
                .mapToLong(answer -> answer.lastNanos() - from).max()
                .orElseThrow() / 1e9;
    }

    public double tokensPerSecond() {
        return tokens() / seconds();
    }

    /** Of all readers together, from the first word that one of them had to the last; 0 when there was only one. */
    public double decodeTokensPerSecond() {
        long from = answers().stream().mapToLong(Measurement::firstNanos).min().orElseThrow();
        double decodeSeconds = answers().stream().mapToLong(answer -> answer.lastNanos() - from).max().orElseThrow()
                / 1e9;
        return decodeSeconds <= 0 ? 0 : (tokens() - answers().size()) / decodeSeconds;
    }

    public double quantile(double q, ToDoubleFunction<Measurement> value) {
        return Statistics.quantile(answers().stream().mapToDouble(value).boxed().toList(), q);
    }

    public List<Double> gapsMillis() {
        return answers().stream().flatMap(answer -> answer.gapsMillis().stream()).toList();
    }

    /** Whether this group wrote before the other came, so that it can be asked what the other cost it. */
    public boolean isBefore(GroupResult other) {
        return group.startSeconds() < other.group.startSeconds();
    }

    /** Times to the first word of those who asked before anybody of another group did. */
    public List<Double> firstMillisBefore(GroupResult other) {
        return firstMillis(Long.MIN_VALUE, other.beginNanos());
    }

    /** The same, of those who asked while the other group was at it. */
    public List<Double> firstMillisBeside(GroupResult other) {
        return firstMillis(other.beginNanos(),
                other.answers().stream().mapToLong(Measurement::lastNanos).max().orElseThrow());
    }

    private List<Double> firstMillis(long fromNanos, long toNanos) {
        return answers().stream().filter(answer -> answer.askedNanos() >= fromNanos && answer.askedNanos() < toNanos)
                .map(Measurement::timeToFirstTokenMillis).toList();
    }

    private long beginNanos() {
        return answers().stream().mapToLong(Measurement::askedNanos).min().orElseThrow();
    }

    /** From one piece to the next, while somebody of another group waited for a first word. */
    public List<Double> gapsMillisWhileReading(GroupResult other) {
        return other.answers().stream().flatMap(reading -> answers().stream().flatMap(
                answer -> answer.gapsMillis(reading.askedNanos(), reading.firstNanos()).stream())).toList();
    }

    /** From one piece to the next, before anybody of another group asked. */
    public List<Double> gapsMillisBefore(GroupResult other) {
        long first = other.beginNanos();
        return answers().stream()
                .flatMap(answer -> answer.gapsMillis(answer.firstNanos(), first).stream()).toList();
    }
}
