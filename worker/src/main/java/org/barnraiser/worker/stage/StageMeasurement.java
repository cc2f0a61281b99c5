package org.barnraiser.worker.stage;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.HiddenStates;
import org.barnraiser.proto.HiddenStates.Encoding;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.Span.Wanted;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepFailure;
import org.barnraiser.proto.StepResult;
import org.barnraiser.worker.llama.LlamaException;

/**
 * How fast an engine is. What goes in is zero, which llama.cpp computes as slowly as anything else.
 *
 * @param decodeMicros one step of one token, median
 * @param prefillMicros one step of {@code prefillTokens}
 */
public record StageMeasurement(long decodeMicros, long prefillMicros, int prefillTokens) {
    private static final int DECODES = 5;
    private static final int MAX_PREFILL_TOKENS = 256;

    /** The engine could not compute. */
    public static final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;

        FailedException(String reason) {
            super(reason);
        }
    }

    /** Measures an engine that no sequence uses, on the thread that owns it; leaves its cache empty. */
    public static StageMeasurement of(StageEngine engine) throws FailedException, LlamaException {
        int prefillTokens = Math.min(MAX_PREFILL_TOKENS,
                Math.min(engine.settings().maxStepTokens(), engine.settings().contextTokens()));
        engine.clear();
        try {
            computeMicros(engine, 1); // the first step also makes buffers
            long prefillMicros = computeMicros(engine, prefillTokens);
            var decodes = new long[DECODES];
            for (int i = 0; i < DECODES; i++) {
                decodes[i] = computeMicros(engine, 1);
            }
            Arrays.sort(decodes);
            return new StageMeasurement(decodes[DECODES / 2], prefillMicros, prefillTokens);
        } finally {
            engine.clear();
        }
    }

    private static long computeMicros(StageEngine engine, int tokens) throws FailedException {
        Step step = step(engine, tokens);
        if (engine.spec().getTail()) {
            StepResult result = engine.finish(step, StagePlace.ALONE, 0);
            requireSuccess(result.hasFailure(), result.getFailure());
            return result.getTimings(0).getComputeMicros();
        }
        Step next = engine.process(step, StagePlace.ALONE, 0);
        requireSuccess(next.hasFailure(), next.getFailure());
        return next.getTimings(0).getComputeMicros();
    }

    private static void requireSuccess(boolean failed, StepFailure failure) throws FailedException {
        if (failed) {
            throw new FailedException(failure.getReason());
        }
    }

    /** Slot 0 from its beginning, with a token to be sampled as for a reader. */
    private static Step step(StageEngine engine, int tokens) {
        var greedy = SamplingParameters.newBuilder().setTopP(1).setTypicalP(1).setRepeatPenalty(1);
        var step = Step.newBuilder().setNumber(1)
                .addEdits(CacheEdit.newBuilder().setDrop(CacheEdit.Drop.getDefaultInstance()))
                .addEdits(CacheEdit.newBuilder()
                        .setBegin(CacheEdit.Begin.newBuilder().setGeneratedFromPosition(tokens).setSampling(greedy)))
                .addSpans(Span.newBuilder().setTokenCount(tokens).setWanted(Wanted.SAMPLE))
                .addAllTokens(IntStream.generate(() -> 0).limit(tokens).boxed().toList());
        if (!engine.spec().getHead()) {
            int bytes = Math.multiplyExact(tokens * Float.BYTES, engine.spec().getEmbeddingLength());
            step.setHidden(HiddenStates.newBuilder().setEncoding(Encoding.F32)
                    .setData(ByteString.copyFrom(new byte[bytes])));
        }
        return step.build();
    }
}
