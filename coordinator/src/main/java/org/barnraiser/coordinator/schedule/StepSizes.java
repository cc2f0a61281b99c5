package org.barnraiser.coordinator.schedule;

import java.util.function.IntPredicate;

/**
 * How many tokens go into a step, chosen by the times that steps of this pipeline take: on a processor many steps of one token may beat few
 * of four, on a graphics card the opposite holds. A pure function of what is known.
 *
 * @param group readers whose next token one step computes
 * @param groups steps with such tokens that are in flight together
 * @param promptTokens tokens of prompts that one step takes
 * @param promptsApart whether prompts travel in steps of their own, one for each round of the readers
 */
record StepSizes(int group, int groups, int promptTokens, boolean promptsApart) {
    /** Who reads along waits at most so much longer for a token while prompts are read ... */
    static final double MOST_DELAY = 1.8;
    /** ... or this long in all, which is several times faster than anyone reads ... */
    static final double UNNOTICED_MICROS = 40_000;
    /** ... or this long, which still is faster, or so many times as long on slow machines, where prompts would crawl otherwise ... */
    static final double BEARABLE_MICROS = 100_000;
    static final double BEARABLE_DELAY = 4;
    /** ... or not quite so many times where it holds up several ... */
    private static final double BEARABLE_DELAY_OF_SEVERAL = 2.5;
    /** ... which they do when they are read with less than this part of that speed. */
    private static final double CRAWL = 0.35;
    /** Steps of prompts alone must be so much better: whoever comes next waits for one more that is under way. */
    private static final double APART_PAYS = 1.25;
    /** Of a prompt, where no step of so many tokens was seen yet: what is never tried is never known. */
    private static final int FIRST_CHUNK = 8;
    /** Smaller steps cost more on their ways than they are worth. */
    private static final int FEWEST_IN_CHUNK = 32;
    private static final double SHORTEST_CHUNK_MICROS = 10_000;
    private static final double NEARLY = 0.9;
    /** At least so much of a chunk waits for the stages, so that they do not wait when one comes late. */
    private static final double SPARE_CHUNK = 0.5;
    /** Of the time of the slowest stage, where whoever comes next is not to wait for a chunk that waits itself. */
    private static final double BUSY_ENOUGH = 0.95;
    /** A larger group must promise more than measurements err. */
    private static final double WORTH_IT = 1.015;

    /**
     * Chooses.
     *
     * @param readers that generate, at least one
     * @param limits what the stages allow
     */
    static StepSizes choose(StepTimes times, int readers, DriverLimits limits) {
        int inFlight = limits.maxStepsInFlight();
        if (times.isEmpty()) {
            return of(Math.ceilDiv(readers, inFlight), readers, limits.maxStepTokens(), false, inFlight);
        }
        int group = group(times, readers, inFlight);
        return withPrompts(times, group, readers, limits);
    }

    /**
     * Tokens of prompts in a step without others: the fewest with which the stages do nearly as much as with all that are wanted. So stages
     * share a short prompt as well, and whoever comes next waits for a short step.
     *
     * @param wanted at least one
     */
    static int chunk(StepTimes times, int wanted, DriverLimits limits) {
        if (!times.knows(wanted)) {
            return wanted;
        }
        double enough = NEARLY * tokensPerMicro(times, wanted, limits);
        for (int tokens = FEWEST_IN_CHUNK; tokens < wanted; tokens *= 2) {
            if (times.slowestMicros(tokens) >= SHORTEST_CHUNK_MICROS
                    && tokensPerMicro(times, tokens, limits) >= enough) {
                return tokens;
            }
        }
        return wanted;
    }

    private static double tokensPerMicro(StepTimes times, int tokens, DriverLimits limits) {
        return tokensPerMicro(times, tokens, 1, Integer.MAX_VALUE, limits.maxStepsInFlight());
    }

    /**
     * Steps of so many tokens of prompts alone that keep all stages busy; more would only hold up who reads along next.
     *
     * @param spare whether they shall also when a step comes late
     */
    static int chunksInFlight(StepTimes times, int tokens, boolean spare, DriverLimits limits) {
        if (times.isEmpty()) {
            return limits.maxStepsInFlight();
        }
        double busy = times.crossMicros(tokens) / times.slowestMicros(tokens);
        return (int) Math.min(limits.maxStepsInFlight(),
                Math.ceil(spare ? busy + SPARE_CHUNK : BUSY_ENOUGH * busy));
    }

    /** The same readers in groups of this size, whatever comes of it. */
    StepSizes tried(int triedGroup, int readers, int inFlight) {
        return of(triedGroup, readers, promptTokens, promptsApart, inFlight);
    }

    private static StepSizes of(int group, int readers, int promptTokens, boolean apart, int inFlight) {
        return new StepSizes(group, Math.min(inFlight, Math.ceilDiv(readers, group)), promptTokens, apart);
    }

    private static int group(StepTimes times, int readers, int inFlight) {
        int best = Math.ceilDiv(readers, Math.min(readers, inFlight));
        for (int groups = Math.min(readers, inFlight) - 1; groups >= 1; groups--) {
            int group = Math.ceilDiv(readers, groups);
            if (tokensPerMicro(times, group, 1, readers, inFlight) > WORTH_IT
                    * tokensPerMicro(times, best, 1, readers, inFlight)) {
                best = group;
            }
        }
        return best;
    }

    /**
     * Readers' next tokens per time, if each of them had so many tokens in its step.
     *
     * @param tokensEach one, and drafts
     */
    static double tokensPerMicro(StepTimes times, int group, int tokensEach, int readers, int inFlight) {
        return tokensPerMicro(times, group, tokensEach, readers, inFlight, 0);
    }

    /** @param pauseMicros before each step; what works then has the same processor as a stage */
    static double tokensPerMicro(StepTimes times, int group, int tokensEach, int readers, int inFlight,
            double pauseMicros) {
        double underWay = Math.min(readers, (double) group * inFlight);
        return Math.min(underWay / (pauseMicros + times.crossMicros(group * tokensEach)),
                group / (pauseMicros + times.slowestMicros(group * tokensEach)));
    }

    private static StepSizes withPrompts(StepTimes times, int group, int readers, DriverLimits limits) {
        double round = readers / tokensPerMicro(times, group, 1, readers, limits.maxStepsInFlight());
        double allowed = Math.max(MOST_DELAY * round, UNNOTICED_MICROS);
        PromptShare share = PromptShare.within(allowed, round, times, group, readers, limits);
        double bearable = readers == 1 ? BEARABLE_DELAY : BEARABLE_DELAY_OF_SEVERAL;
        PromptShare larger = PromptShare.within(Math.max(bearable * round, BEARABLE_MICROS), round, times, group,
                readers, limits);
        if (share.tokensPerMicro() < CRAWL * larger.tokensPerMicro()) {
            share = larger;
        }
        return of(group, readers, share.tokens(), share.apart(), limits.maxStepsInFlight());
    }

    /**
     * What of prompts is read beside those who generate.
     *
     * @param tokens of one step
     * @param apart whether that is a step of its own
     */
    private record PromptShare(int tokens, boolean apart, double tokensPerMicro) {

        /** The most that holds up those who generate for no longer than allowed, where a round of theirs takes this long without. */
        static PromptShare within(double allowed, double round, StepTimes times, int group, int readers,
                DriverLimits limits) {
            double steps = (double) readers / group;
            int together = largest(limits.maxStepTokens() - group,
                    tokens -> Math.max(times.crossMicros(group + tokens),
                            steps * times.slowestMicros(group + tokens)) <= allowed);
            int apart = Math.max(times.hasSeen(FIRST_CHUNK) ? 1 : Math.min(FIRST_CHUNK, limits.maxStepTokens()),
                    largest(limits.maxStepTokens(), tokens -> round + times.slowestMicros(tokens) <= allowed));
            double togetherRate = together * steps
                    / Math.max(times.crossMicros(group + together), steps * times.slowestMicros(group + together));
            double apartRate = apart / (round + times.slowestMicros(apart));
            return togetherRate * APART_PAYS >= apartRate
                    ? new PromptShare(together, false, togetherRate)
                    : new PromptShare(apart, true, apartRate);
        }
    }

    /** The largest number up to a limit that is allowed; numbers that follow an allowed one may be. */
    private static int largest(int limit, IntPredicate allowed) {
        int low = 0;
        int high = limit;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (allowed.test(middle)) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
