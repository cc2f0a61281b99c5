package org.barnraiser.worker.stage;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Natural logarithms of the probabilities that raw logits mean, before any sampler: log-softmax. */
final class LogProbabilities {
    private final MemorySegment logits;
    private final int count;
    private final double logOfSum;

    private LogProbabilities(MemorySegment logits, int count, double logOfSum) {
        this.logits = logits;
        this.count = count;
        this.logOfSum = logOfSum;
    }

    /**
     * @param logits f32, one per token; must stay valid while this object is used
     */
    static LogProbabilities of(MemorySegment logits) {
        int count = Math.toIntExact(logits.byteSize() / Float.BYTES);
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, logits.getAtIndex(ValueLayout.JAVA_FLOAT, i));
        }
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.exp(logits.getAtIndex(ValueLayout.JAVA_FLOAT, i) - largest);
        }
        return new LogProbabilities(logits, count, largest + Math.log(sum));
    }

    float of(int token) {
        return (float) (logit(token) - logOfSum);
    }

    /** The most likely tokens, the likeliest first; of equals, the smaller id. */
    List<Integer> top(int wanted) {
        Comparator<Integer> likeliestFirst = Comparator.comparingDouble((Integer token) -> -logit(token))
                .thenComparing(Comparator.naturalOrder());
        var best = new PriorityQueue<Integer>(likeliestFirst.reversed());
        float worst = Float.NEGATIVE_INFINITY;
        for (int token = 0; token < count; token++) {
            if (best.size() < wanted || logit(token) > worst) {
                best.add(token);
                if (best.size() > wanted) {
                    best.remove();
                }
                worst = best.isEmpty() ? Float.POSITIVE_INFINITY : logit(best.element());
            }
        }
        return best.stream().sorted(likeliestFirst).toList();
    }

    private float logit(int token) {
        return logits.getAtIndex(ValueLayout.JAVA_FLOAT, token);
    }
}
