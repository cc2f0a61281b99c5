package org.barnraiser.coordinator.schedule;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The runners that answers are given to at present, and which of them an answer is given to: the one that is likely to be through with it
 * first. What is ahead of it there counts, how much of its text that runner has read before, and how fast it is. Guarded by the lock of its
 * {@link Generations}.
 */
/*
 * Where a text was read is remembered as hashes of its beginnings, a block of tokens longer each (as vLLM does to find blocks of its cache);
 * a hash of a beginning says all that came before. It may be wrong, as nobody tells when a stage has forgotten, and then costs time only.
 */
final class Runners {
    /** Tokens by which the remembered beginnings grow. */
    static final int BLOCK_TOKENS = 64;
    /** Tokens that an answer under way counts for: about what most of them still take. */
    private static final int ANSWER_TOKENS = 256;
    /** For each runner: half a million tokens. */
    private static final int MAX_BLOCKS = 8_192;

    private final List<Lane> lanes = new ArrayList<>();

    private static final class Lane {
        private final SequenceRunner runner;
        private final double tokensPerSecond;
        private final Cache<Long, Boolean> read = CacheBuilder.newBuilder().maximumSize(MAX_BLOCKS).build();
        private boolean full;

        Lane(SequenceRunner runner, double tokensPerSecond) {
            this.runner = runner;
            this.tokensPerSecond = tokensPerSecond;
        }

        int readTokens(List<Long> beginnings) {
            int blocks = 0;
            while (blocks < beginnings.size() && read.getIfPresent(beginnings.get(blocks)) != null) {
                blocks++;
            }
            return blocks * BLOCK_TOKENS;
        }
    }

    boolean isEmpty() {
        return lanes.isEmpty();
    }

    boolean contains(SequenceRunner runner) {
        return lanes.stream().anyMatch(lane -> lane.runner.equals(runner));
    }

    /** @param tokensPerSecond for many answers together; 0 when nobody knows */
    void add(SequenceRunner runner, double tokensPerSecond) {
        if (!contains(runner)) {
            lanes.add(new Lane(runner, tokensPerSecond));
        }
    }

    void remove(SequenceRunner runner) {
        lanes.removeIf(lane -> lane.runner.equals(runner));
    }

    void clear() {
        lanes.clear();
    }

    /** It takes no more until {@link #onRoom()}. */
    void onFull(SequenceRunner runner) {
        lanes.stream().filter(lane -> lane.runner.equals(runner)).forEach(lane -> lane.full = true);
    }

    /** Any of them may take something again. */
    void onRoom() {
        lanes.forEach(lane -> lane.full = false);
    }

    /** The one that is to get these tokens now, and will be taken to have read them; empty when there is none with room. */
    Optional<SequenceRunner> choose(ImmutableIntArray tokens) {
        if (lanes.size() == 1) {
            // Nothing to choose, and so nothing to remember: whoever joins later begins with an empty cache.
            return lanes.stream().filter(lane -> !lane.full).map(lane -> lane.runner).findFirst();
        }
        List<Long> beginnings = beginnings(tokens);
        boolean speedsKnown = lanes.stream().allMatch(lane -> lane.tokensPerSecond > 0);
        Optional<Lane> chosen = lanes.stream().filter(lane -> !lane.full).min(Comparator.comparingDouble(lane -> {
            double ahead = ANSWER_TOKENS * (1.0 + lane.runner.load());
            return (ahead + tokens.length() - lane.readTokens(beginnings)) / (speedsKnown ? lane.tokensPerSecond : 1);
        }));
        chosen.ifPresent(lane -> beginnings.forEach(beginning -> lane.read.put(beginning, true)));
        return chosen.map(lane -> lane.runner);
    }

    private static List<Long> beginnings(ImmutableIntArray tokens) {
        List<Long> beginnings = new ArrayList<>(tokens.length() / BLOCK_TOKENS);
        long before = 0;
        for (int start = 0; start + BLOCK_TOKENS <= tokens.length(); start += BLOCK_TOKENS) {
            Hasher hasher = Hashing.murmur3_128().newHasher().putLong(before);
            for (int at = start; at < start + BLOCK_TOKENS; at++) {
                hasher.putInt(tokens.get(at));
            }
            before = hasher.hash().asLong();
            beginnings.add(before);
        }
        return beginnings;
    }
}
