package org.barnraiser.coordinator.api.schema;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A set of Unicode characters.
 *
 * @param ranges in order, none touching the next
 */
public record CharacterSet(List<Range> ranges) {
    private static final int FIRST_SURROGATE = 0xD800;
    private static final int LAST_SURROGATE = 0xDFFF;

    /** From first to last, both in it. */
    public record Range(int first, int last) {}

    /** Those that text has: all but the end mark of C. */
    static final CharacterSet ALL = new CharacterSet(
            List.of(new Range(1, FIRST_SURROGATE - 1), new Range(LAST_SURROGATE + 1, Character.MAX_CODE_POINT)));

    static CharacterSet of(String characters) {
        return union(
                characters.codePoints().mapToObj(each -> new CharacterSet(List.of(new Range(each, each)))).toList());
    }

    static CharacterSet range(int first, int last) {
        return new CharacterSet(List.of(new Range(first, last)));
    }

    static CharacterSet union(List<CharacterSet> sets) {
        List<Range> sorted = sets.stream().flatMap(set -> set.ranges.stream())
                .sorted(Comparator.comparingInt(Range::first)).toList();
        List<Range> merged = new ArrayList<>();
        for (Range range : sorted) {
            if (!merged.isEmpty() && range.first <= merged.getLast().last + 1) {
                Range before = merged.removeLast();
                merged.add(new Range(before.first, Math.max(before.last, range.last)));
            } else {
                merged.add(range);
            }
        }
        return new CharacterSet(merged);
    }

    CharacterSet plus(CharacterSet other) {
        return union(List.of(this, other));
    }

    CharacterSet and(CharacterSet other) {
        List<Range> common = new ArrayList<>();
        for (Range mine : ranges) {
            for (Range theirs : other.ranges) {
                int first = Math.max(mine.first, theirs.first);
                int last = Math.min(mine.last, theirs.last);
                if (first <= last) {
                    common.add(new Range(first, last));
                }
            }
        }
        return new CharacterSet(common);
    }

    /** All characters but these. */
    CharacterSet complement() {
        List<Range> others = new ArrayList<>();
        int next = 0;
        for (Range range : ranges) {
            if (range.first > next) {
                others.add(new Range(next, range.first - 1));
            }
            next = range.last + 1;
        }
        if (next <= Character.MAX_CODE_POINT) {
            others.add(new Range(next, Character.MAX_CODE_POINT));
        }
        return new CharacterSet(others).and(ALL);
    }

    boolean contains(int character) {
        return ranges.stream().anyMatch(range -> range.first <= character && character <= range.last);
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }
}
