package org.barnraiser.coordinator.gguf;

/**
 * What llama.cpp keeps ready for computing a step, beside weights and caches, as its graph allocator lays it out on the processor: the
 * largest of what must be there at one time. Without flash attention that is most often the attention to all cells of the cache.
 *
 * @param stageBytes on every stage
 * @param tailBytes what the tail takes more, for the scores of all tokens of the vocabulary
 */
public record StepBuffers(long stageBytes, long tailBytes) {
    /** The attention's mask has so many rows at least, and a multiple of them. */
    private static final int MASK_ROWS = 64;
    /** Hidden states that are there while attention is computed: what came in, queries, keys with values, and sums. */
    private static final int ATTENTION_STATES = 4;
    private static final int FEED_FORWARD_STATES = 2;

    /**
     * Of a model of a supported architecture.
     *
     * @param cacheTokens cells of the cache
     * @param stepTokens that a step may hold
     */
    public static StepBuffers of(ModelFile model, int cacheTokens, int stepTokens) throws GgufException {
        Hyperparameters shape = Hyperparameters.of(model);
        long tokens = Math.min(stepTokens, cacheTokens);
        long mask = Math.ceilDiv(tokens, MASK_ROWS) * MASK_ROWS * cacheTokens * Float.BYTES;
        long states = tokens * shape.embedding() * Float.BYTES;
        long attention = tokens * cacheTokens * shape.heads() * Float.BYTES + ATTENTION_STATES * states;
        long width = Math.max(shape.feedForward(),
                shape.expertsUsed() * Dimension.EXPERT_FEED_FORWARD.of(shape));
        long feedForward = 2 * tokens * width * Float.BYTES + FEED_FORWARD_STATES * states;
        long stage = mask + Math.max(attention, feedForward);
        long tail = mask + tokens * shape.vocabulary() * Float.BYTES + states;
        return new StepBuffers(stage, Math.max(0, tail - stage));
    }
}
