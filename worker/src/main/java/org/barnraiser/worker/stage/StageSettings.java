package org.barnraiser.worker.stage;

import org.barnraiser.proto.HiddenStates.Encoding;

/**
 * How a stage is set up; a change means loading anew.
 *
 * @param stageIndex 0 is the head
 * @param slots sequences that the KV cache tells apart (n_seq_max)
 * @param contextTokens positions that one sequence may use
 * @param cacheTokens KV cells that all slots share (n_ctx)
 * @param maxStepTokens tokens of one step (n_batch)
 * @param threads that llama.cpp computes with
 * @param gpuLayers layers of the shard put on GPUs
 * @param wire of the hidden states handed on
 */
public record StageSettings(int stageIndex, int slots, int contextTokens, int cacheTokens, int maxStepTokens,
        int threads, int gpuLayers, Encoding wire) {}
