package org.barnraiser.coordinator.schedule;

/**
 * How long one stage computes a step, as a function of the step's tokens, learned from what it reports.
 *
 * <p>Curves have jumps, because llama.cpp changes kernels, so nothing is fitted: what was seen is averaged in classes of token counts,
 * narrow where counts are small, and between classes the line is straight and never falls. Below the smallest count seen, its time is an
 * upper bound; beyond the largest, time grows with the tokens, which is an upper bound too.
 *
 * <p>A machine that gets other things to do, or is rid of them, is slower or faster for steps of all sizes. So what is seen of one size
 * moves the others along: those that are not chosen any more, because they once took long, would else seem to take long for ever.
 */
final class StageCurve {
    /** Steps that count for about so much of an average: contexts fill, and machines get other things to do. */
    private static final int MEMORY = 16;
    /** So much of how a step differs from what was expected tells of the machine, not of steps of this size. */
    private static final double COMMON = 1.0 / 4;
    /** A single step that took so much longer tells of the machine's other work. */
    private static final double OUTLIER = 3;
    /** A time that is hardly measurable is not taken for a machine that has become so much quicker. */
    private static final double LEAST_RATIO = 1.0 / 16;
    private static final int CLASSES = 40;
    private static final int EXACT = 4;

    private final int[] seen = new int[CLASSES];
    private final double[] tokens = new double[CLASSES];
    private final double[] micros = new double[CLASSES];
    private final double common;

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
        seen[index] = Math.min(seen[index] + 1, MEMORY);
        if (seen[index] > EXACT) {
            taken = Math.min(taken, OUTLIER * micros[index]);
            moveAll(taken / micros(tokenCount));
        }
        // The first step of its kind warms caches up; it must not weigh for long.
        double weight = seen[index] <= 2 ? 1 : 1.0 / seen[index];
        tokens[index] += weight * (tokenCount - tokens[index]);
        micros[index] += weight * (taken - micros[index]);
    }

    /** @param ratio of a time to what was expected */
    private void moveAll(double ratio) {
        double factor = Math.pow(Math.max(ratio, LEAST_RATIO), common);
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
