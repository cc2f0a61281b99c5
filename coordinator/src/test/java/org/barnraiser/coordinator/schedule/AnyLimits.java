package org.barnraiser.coordinator.schedule;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Limits of small pipelines, some of which tell more sequences apart than they run. */
final class AnyLimits {
    private AnyLimits() {}

    /** The most of each; {@code cells} beyond those that one context takes. */
    static Arbitrary<DriverLimits> upTo(int slots, int contextTokens, int cells, int waiting) {
        Arbitrary<Integer> stepTokens = Arbitraries.integers().between(0, 20);
        Arbitrary<Integer> inFlight = Arbitraries.integers().between(1, 4);
        Arbitrary<Integer> cacheSlots = Arbitraries.integers().between(0, 3);
        Arbitrary<Speculation> speculation = Arbitraries.of(Speculation.OFF, Speculation.AUTO, Speculation.of("1"),
                Speculation.of("5"));
        return Combinators.combine(Arbitraries.integers().between(1, slots), cacheSlots,
                Arbitraries.integers().between(2, contextTokens), Arbitraries.integers().between(0, cells), stepTokens,
                inFlight, Arbitraries.integers().between(0, waiting), speculation)
                .as((s, more, c, spare, tokens, f, w, g) -> new DriverLimits(s, s + more, c, c + spare, s + tokens, f,
                        w, 1000, DriverLimits.DEFAULT_LEAST_SILENCE, true, g));
    }
}
