package org.barnraiser.worker.stage;

import java.util.List;
import java.util.Optional;
import org.barnraiser.worker.llama.CacheType;

/**
 * What an engine is opened with; a change means loading anew.
 *
 * @param slots sequences that the KV cache tells apart (n_seq_max)
 * @param contextTokens positions that one sequence may use
 * @param cacheTokens KV cells that all slots share (n_ctx)
 * @param maxStepTokens tokens of one step (n_batch)
 * @param threads that llama.cpp computes with
 * @param gpuLayers layers of the shard put on GPUs
 * @param devices that they are put on, by name; nothing: llama.cpp chooses
 * @param cacheType of this stage's KV cache
 * @param adapters digests of those that are loaded with the shard
 */
public record StageSettings(int slots, int contextTokens, int cacheTokens, int maxStepTokens, int threads,
        int gpuLayers, Optional<List<String>> devices, CacheType cacheType, List<String> adapters) {
    public StageSettings {
        devices = devices.map(List::copyOf);
        adapters = List.copyOf(adapters);
    }

    /** Without adapters. */
    public StageSettings(int slots, int contextTokens, int cacheTokens, int maxStepTokens, int threads, int gpuLayers,
            Optional<List<String>> devices, CacheType cacheType) {
        this(slots, contextTokens, cacheTokens, maxStepTokens, threads, gpuLayers, devices, cacheType, List.of());
    }

    /** With llama.cpp's own choice of devices and a cache of f16. */
    public StageSettings(int slots, int contextTokens, int cacheTokens, int maxStepTokens, int threads,
            int gpuLayers) {
        this(slots, contextTokens, cacheTokens, maxStepTokens, threads, gpuLayers, Optional.empty(), CacheType.F16);
    }
}
