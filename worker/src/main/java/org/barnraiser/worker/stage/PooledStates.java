package org.barnraiser.worker.stage;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.proto.SamplingParameters.Pooling;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

/**
 * What one sequence means: the hidden states behind the final norm of all its tokens, or of one of them, taken together as they come
 * step by step. Sums are kept as doubles, so that it does not matter how the tokens are spread over steps.
 */
final class PooledStates {
    private final Pooling pooling;
    private final double[] sum;
    private int added;
    /** The position that comes next. */
    private int next;
    /** Whether tokens were read before it began, or were taken back. */
    private boolean incomplete;

    PooledStates(Pooling pooling, int embeddingLength) {
        this.pooling = pooling;
        sum = new double[embeddingLength];
    }

    int embeddingLength() {
        return sum.length;
    }

    /** Whether the hidden states of a token are needed. */
    boolean wants(int position, boolean last) {
        return switch (pooling) {
            case MEAN -> true;
            case FIRST -> position == 0;
            case LAST -> last;
            case NO_POOLING, UNRECOGNIZED -> false;
        };
    }

    /** Takes the hidden states of a token that {@linkplain #wants are needed}. */
    void add(MemorySegment row) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += row.getAtIndex(JAVA_FLOAT, i);
        }
        added++;
    }

    /** These tokens have been read, and what is needed of them added. */
    void advance(int start, int tokens) {
        incomplete |= start != next;
        next = start + tokens;
    }

    /** Positions from there on are forgotten. What was added cannot be taken out again, so the sequence has to start over. */
    void truncate(int length) {
        incomplete |= length < next && next > 0;
    }

    /** The pooled hidden states; empty when not all tokens were read here. */
    Optional<List<Float>> value() {
        if (incomplete || added == 0) {
            return Optional.empty();
        }
        List<Float> values = new ArrayList<>(sum.length);
        for (double each : sum) {
            values.add((float) (each / added));
        }
        return Optional.of(values);
    }
}
