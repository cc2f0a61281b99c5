package org.barnraiser.worker.stage;

/**
 * Random numbers by hash instead of by state: what is drawn for a position depends on the sequence's seed and the position
 * alone, so a sequence that is rebuilt elsewhere from its tokens goes on with the same numbers.
 *
 * <p>The hash is SplitMix64: the seed plus (position + 1) times the golden gamma, through its finaliser; then the same once
 * more with the purpose, so that two samplers at one position draw independently. The upper 32 bits seed llama.cpp's
 * generator for that one draw.
 */
final class PositionSeed {
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
    /** LLAMA_DEFAULT_SEED, which llama.cpp replaces with a truly random one. */
    private static final int RANDOM_SEED = 0xffffffff;

    /** What is drawn. */
    enum Purpose {
        TOKEN(1), XTC(2);

        private final int number;

        Purpose(int number) {
            this.number = number;
        }
    }

    private PositionSeed() {}

    static int of(long seed, int position, Purpose purpose) {
        long hash = mix(seed + (position + 1) * GOLDEN_GAMMA);
        int drawn = (int) (mix(hash + purpose.number * GOLDEN_GAMMA) >>> 32);
        return drawn == RANDOM_SEED ? 0 : drawn;
    }

    /** The finaliser of SplitMix64 (Steele, Lea and Flood, 2014; Stafford's variant 13). */
    private static long mix(long z) {
        long mixed = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
