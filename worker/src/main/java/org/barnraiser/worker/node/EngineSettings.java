package org.barnraiser.worker.node;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.barnraiser.worker.llama.CacheType;
import org.barnraiser.worker.llama.Devices;
import org.barnraiser.worker.llama.ModelOptions;

/**
 * Which llama.cpp a worker computes with, and how.
 *
 * @param library folder of a llama.cpp build; empty: the bundled one
 * @param reason why this one, in a sentence for people
 * @param gpuLayers layers to put on GPUs; empty: all when there is a GPU
 * @param devices names of those to compute on; empty: all that there are
 * @param cacheType of the KV caches
 */
public record EngineSettings(Optional<Path> library, String reason, OptionalInt gpuLayers, List<String> devices,
        CacheType cacheType) {
    public EngineSettings {
        devices = List.copyOf(devices);
    }

    /** Layers to put on GPUs: as many as were asked for, else all, where there are GPUs among these devices. */
    public int gpuLayers(Devices computed) {
        return computed.gpus().isEmpty() ? 0 : gpuLayers.orElse(ModelOptions.ALL_LAYERS);
    }

    /** The bundled llama.cpp on the CPU. */
    public static EngineSettings bundled() {
        return new EngineSettings(Optional.empty(), "", OptionalInt.empty(), List.of(), CacheType.F16);
    }
}
