package org.barnraiser.worker.node;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.barnraiser.worker.lend.LendingHours;
import org.barnraiser.worker.llama.Device;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.llama.ModelOptions;

/**
 * How a worker is run.
 *
 * @param zooKeeper host:port, several separated by commas
 * @param listen port 0 takes any
 * @param advertise host:port that others reach the server by; empty: the listening address
 * @param memoryBytes that weights and caches may take
 * @param cacheBytes that shards may take on disk
 * @param llamaLibrary folder of a llama.cpp build; empty: the bundled one
 * @param threads that llama.cpp computes with
 * @param dataFolder of this worker alone
 * @param workerId stable over restarts
 * @param hours in which the machine is lent; empty: always
 * @param gpuLayers layers to put on GPUs; empty: all when there is a GPU
 */
public record WorkerSettings(String zooKeeper, InetSocketAddress listen, Optional<String> advertise, long memoryBytes,
        long cacheBytes, Optional<Path> llamaLibrary, int threads, Path dataFolder, String workerId,
        Map<String, String> labels, OptionalInt gpuLayers, Optional<LendingHours> hours) {
    public WorkerSettings {
        labels = Map.copyOf(labels);
    }

    /** Layers to put on GPUs with this library: as many as were asked for, else all when it sees a GPU. */
    public int gpuLayers(LlamaLibrary library) {
        boolean gpu = library.devices().stream().anyMatch(device -> device.kind() == Device.Kind.GPU);
        return gpuLayers.orElse(gpu ? ModelOptions.ALL_LAYERS : 0);
    }
}
