package org.barnraiser.worker.stage;

/**
 * What an engine is opened with; a change means loading anew.
 *
 * @param slots sequences that the KV cache tells apart (n_seq_max)
 * @param contextTokens positions that one sequence may use
 * @param cacheTokens KV cells that all slots share (n_ctx)
 * @param maxStepTokens tokens of one step (n_batch)
 * @param threads that llama.cpp computes with
 * @param gpuLayers layers of the shard put on GPUs
 */
public record StageSettings(int slots, int contextTokens, int cacheTokens, int maxStepTokens, int threads,
        int gpuLayers) {}
