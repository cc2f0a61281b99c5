package org.barnraiser.testing.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.Step;
import org.barnraiser.worker.llama.FlashAttention;

/**
 * What a conformance run asks of a model: prefill in one and in several steps, two sequences decoding side by side, a
 * shared prefix, and a rewound sequence. The tokens are fixed, so every run of a script computes the same logits or the
 * split is wrong.
 */
final class Script {

    static final int SLOTS = 3;
    /** So many that llama.cpp computes attention as it does for many readers. */
    static final int MANY_SLOTS = FlashAttention.MANY_SLOTS;
    /** Cells of the KV cache: the positions below, and room. */
    static final int CACHE_TOKENS = 512;
    static final int MAX_STEP_TOKENS = 64;

    /** Greedy, and telling much of what it saw. */
    private static final SamplingParameters SAMPLING = SamplingParameters.newBuilder().setTemperature(0)
            .setLogprobs(true).setTopLogprobs(20).build();

    private static final int PROMPT_TOKENS = 50;
    private static final int SECOND_PROMPT_CHUNK_TOKENS = 13;
    private static final int DECODE_STEPS = 40;

    private final SplittableRandom random = new SplittableRandom(7);
    private final int vocabularySize;
    private final List<Step> steps = new ArrayList<>();
    private final int[] positions = new int[SLOTS];

    private Script(int vocabularySize) {
        this.vocabularySize = vocabularySize;
    }

    /** The script for a model with so many tokens. */
    static List<Step> steps(int vocabularySize) {
        var script = new Script(vocabularySize);
        script.step().begin(0).prompt(0, PROMPT_TOKENS, true).end();
        script.step().begin(1).prompt(1, SECOND_PROMPT_CHUNK_TOKENS, false).end();
        script.step().prompt(1, SECOND_PROMPT_CHUNK_TOKENS, false).end();
        script.step().prompt(1, SECOND_PROMPT_CHUNK_TOKENS, true).end();
        for (int i = 0; i < DECODE_STEPS; i++) {
            script.step().token(i % 2).token(1 - i % 2).end();
        }
        script.step().copy(0, 2, 30).begin(2).prompt(2, 5, true).token(0).end();
        script.step().token(2).token(1).token(0).end();
        script.step().drop(1, 20).prompt(1, 3, true).token(2).end();
        script.step().token(1).token(2).end();
        return List.copyOf(script.steps);
    }

    private StepBuilder step() {
        return new StepBuilder();
    }

    /** Puts one step together; keeps account of each slot's next position. */
    private final class StepBuilder {

        private final Step.Builder step = Step.newBuilder().setEpoch(1).setNumber(steps.size() + 1);

        StepBuilder token(int slot) {
            return prompt(slot, 1, true);
        }

        StepBuilder prompt(int slot, int tokens, boolean sample) {
            step.addSpans(Span.newBuilder().setSlot(slot).setStartPosition(positions[slot]).setTokenCount(tokens)
                    .setWanted(sample ? Span.Wanted.SAMPLE : Span.Wanted.NOTHING));
            for (int i = 0; i < tokens; i++) {
                step.addTokens(random.nextInt(vocabularySize));
            }
            positions[slot] += tokens;
            return this;
        }

        StepBuilder begin(int slot) {
            step.addEdits(CacheEdit.newBuilder().setBegin(CacheEdit.Begin.newBuilder().setSlot(slot)
                    .setGeneratedFromPosition(positions[slot]).setSampling(SAMPLING)));
            return this;
        }

        StepBuilder copy(int from, int to, int position) {
            step.addEdits(CacheEdit.newBuilder()
                    .setCopy(CacheEdit.Copy.newBuilder().setFromSlot(from).setToSlot(to).setToPosition(position)));
            positions[to] = position;
            return this;
        }

        StepBuilder drop(int slot, int from) {
            step.addEdits(CacheEdit.newBuilder()
                    .setDrop(CacheEdit.Drop.newBuilder().setSlot(slot).setFromPosition(from)));
            positions[slot] = from;
            return this;
        }

        void end() {
            steps.add(step.build());
        }
    }
}
