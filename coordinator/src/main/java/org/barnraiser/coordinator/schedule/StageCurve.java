package org.barnraiser.coordinator.schedule;

/**
 * How long one stage computes a step, as a function of the step's tokens, learned from what it reports.
 *
 * <p>Curves have jumps, because llama.cpp changes kernels, so nothing is fitted: what was seen is averaged in classes of token counts,
 * narrow where counts are small, and between classes the line is straight and never falls. Below the smallest count seen, its time is an
 * upper bound; beyond the largest, time grows with the tokens, which is an upper bound too.
 *
 * <p>A machine that gets other things to do, or is rid of them, is slower or faster for steps of all sizes. So what is seen of the sizes
 * that are in use moves the others along: those that are not chosen any more, because they once took long, would else seem to take long
 * for ever. A size that comes back into use is first measured anew and moves only itself: that it differs from what is remembered tells
 * of the memory, not of the machine, and would make those that go out of use look as wrong as it was.
 */
final class StageCurve {
    /** Steps that count for about so much of an average: contexts fill, and machines get other things to do. */
    private static final int MEMORY = 32;
    /** A size that none of so many steps had was out of use. */
    private static final int RECENT = 32;
    /** Steps of a size in use that must have been seen before it tells of the machine. */
    private static final int FAMILIAR = 16;
    /** So much of how such a step differs from what was expected tells of the machine, not of steps of this size. */
    private static final double COMMON = 1.0 / 4;
    /** A single step that took so many times longer, or shorter, tells of other work or of the clock ... */
    private static final double OUTLIER = 3;
    /** ... and before all sizes move far, many steps have to say so. */
    private static final double NUDGE = 1.3;
    private static final int CLASSES = 40;
    private static final int EXACT = 4;

    private final int[] seen = new int[CLASSES];
    /** Of those that were seen since the size came into use, and one for what was remembered. */
    private final int[] fresh = new int[CLASSES];
    private final long[] lastStep = new long[CLASSES];
    private final double[] tokens = new double[CLASSES];
    private final double[] micros = new double[CLASSES];
    private final double common;
    private long steps;

    private StageCurve(double common) {
        this.common = common;
    }

    /** Of what a machine computes. */
    static StageCurve ofStage() {
        return new StageCurve(COMMON);
    }

    /** Of what steps take on their ways: a small one that waits behind a large one says nothing of the large one. */
    static StageCurve ofWays() {
        return new StageCurve(0);
    }

    /** The stage computed so many tokens, at least one, in this time. */
    void learn(int tokenCount, long computeMicros) {
        int index = classOf(tokenCount);
        double taken = Math.max(1, computeMicros);
        steps++;
        boolean inUse = steps - lastStep[index] <= RECENT;
        lastStep[index] = steps;
        seen[index] = Math.min(seen[index] + 1, MEMORY);
        fresh[index] = Math.min((inUse ? fresh[index] : Math.min(1, fresh[index])) + 1, MEMORY);
        if (!knows(tokenCount)) {
            // The first step of its kind warms caches up; it must not weigh for long.
            tokens[index] = tokenCount;
            micros[index] = taken;
            return;
        }
        boolean tells = common > 0 && fresh[index] > FAMILIAR;
        // INVARIANT: all sizes and this one move by the same ratio, or a constant part of the noise would move all of them for ever.
        double most = tells ? NUDGE : OUTLIER;
        double ratio = Math.clamp(taken / micros[index], 1 / most, most);
        if (tells) {
            moveAll(Math.pow(ratio, common));
        }
        double weight = 1.0 / fresh[index];
        tokens[index] += weight * (tokenCount - tokens[index]);
        micros[index] *= Math.pow(ratio, weight);
    }

    private void moveAll(double factor) {
        for (int i = 0; i < CLASSES; i++) {
            micros[i] *= factor;
        }
    }

    /** Whether a step of about so many tokens was seen. */
    boolean hasSeen(int tokenCount) {
        return seen[classOf(tokenCount)] > 0;
    }

    /** Whether so many such steps were seen that those which had to warm caches up do not count any more. */
    boolean knows(int tokenCount) {
        return seen[classOf(tokenCount)] > 2;
    }

    /** The time that a step of so many tokens, at least one, is expected to take; 0 while nothing is known. */
    double micros(int tokenCount) {
        double lowerTokens = 0;
        double lower = 0;
        for (int i = 0; i < CLASSES; i++) {
            if (seen[i] == 0) {
                continue;
            }
            double upper = Math.max(lower, micros[i]);
            if (tokens[i] >= tokenCount) {
                return lower == 0
                        ? upper
                        : lower + (upper - lower) * (tokenCount - lowerTokens) / (tokens[i] - lowerTokens);
            }
            lowerTokens = tokens[i];
            lower = upper;
        }
        return lower == 0 ? 0 : lower * tokenCount / lowerTokens;
    }

    /** 1, 2, 3, 4, to 6, to 8, to 12, to 16, and so on. */
    private static int classOf(int tokenCount) {
        if (tokenCount <= EXACT) {
            return tokenCount - 1;
        }
        int octave = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(tokenCount - 1);
        int half = (tokenCount - 1) >> (octave - 1) & 1;
        return Math.min(CLASSES - 1, EXACT + 2 * (octave - 2) + half);
    }
}
