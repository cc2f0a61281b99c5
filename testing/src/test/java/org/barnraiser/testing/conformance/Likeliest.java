package org.barnraiser.testing.conformance;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SpanResult;

/** The likeliest token of a row of logits, and how likely it is. */
final class Likeliest {
    private Likeliest() {}

    static SpanResult of(MemorySegment row) {
        float[] logits = row.toArray(ValueLayout.JAVA_FLOAT);
        int best = 0;
        for (int token = 1; token < logits.length; token++) {
            best = logits[token] > logits[best] ? token : best;
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - logits[best]);
        }
        return SpanResult.newBuilder()
                .addSampled(SampledToken.newBuilder().setToken(best).setLogprob((float) -Math.log(sum))).build();
    }
}
