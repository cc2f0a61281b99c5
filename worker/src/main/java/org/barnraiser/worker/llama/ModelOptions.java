package org.barnraiser.worker.llama;

import java.util.List;
import java.util.Optional;

/**
 * How to load a model.
 *
 * @param gpuLayers layers to put on GPUs, {@link #ALL_LAYERS} for all; 0 keeps everything on the CPU
 * @param useMmap map the weights from the file instead of reading them into memory
 * @param memoryLimitBytes refuse a model, or later a context, that clearly needs more than this
 * @param devices names of the devices that layers are put on, in this order; an empty list: none; nothing: llama.cpp chooses
 */
public record ModelOptions(int gpuLayers, boolean useMmap, long memoryLimitBytes, Optional<List<String>> devices) {
    /** More layers than any model has. */
    public static final int ALL_LAYERS = 9999;

    public ModelOptions {
        devices = devices.map(List::copyOf);
        if (gpuLayers < 0 || gpuLayers > ALL_LAYERS) {
            throw new IllegalArgumentException("gpuLayers is " + gpuLayers + "; it must be 0 to " + ALL_LAYERS);
        }
        if (memoryLimitBytes <= 0) {
            throw new IllegalArgumentException("memoryLimitBytes is " + memoryLimitBytes + "; it must be positive");
        }
    }

    /** Memory-mapped, on the CPU, without a memory limit. */
    public static ModelOptions defaults() {
        return new ModelOptions(0, true, Long.MAX_VALUE, Optional.empty());
    }

    public ModelOptions withGpuLayers(int layers) {
        return new ModelOptions(layers, useMmap, memoryLimitBytes, devices);
    }

    public ModelOptions withMmap(boolean mmap) {
        return new ModelOptions(gpuLayers, mmap, memoryLimitBytes, devices);
    }

    public ModelOptions withMemoryLimitBytes(long bytes) {
        return new ModelOptions(gpuLayers, useMmap, bytes, devices);
    }

    public ModelOptions withDevices(List<String> names) {
        return new ModelOptions(gpuLayers, useMmap, memoryLimitBytes, Optional.of(names));
    }
}
