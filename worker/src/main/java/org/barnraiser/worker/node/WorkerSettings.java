package org.barnraiser.worker.node;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.barnraiser.worker.lend.LendingHours;
import org.barnraiser.worker.lend.PowerSupply;

/**
 * How a worker is run.
 *
 * @param zooKeeper host:port, several separated by commas
 * @param listen port 0 takes any
 * @param advertise host:port that others reach the server by; empty: the listening address
 * @param outgoingOnly whether nobody is to try to dial this machine
 * @param memoryBytes that weights and caches may take
 * @param cacheBytes that shards may take on disk
 * @param engine the llama.cpp to compute with
 * @param threads that llama.cpp computes with
 * @param dataFolder of this worker alone
 * @param workerId stable over restarts
 * @param hours in which the machine is lent; empty: always
 * @param spared what tells whether the machine runs on its battery, where that is to be spared; empty: lent on battery, too
 * @param uploadBytesPerSecond that other workers get of the weights here; empty: as fast as it goes
 */
public record WorkerSettings(String zooKeeper, InetSocketAddress listen, Optional<String> advertise,
        boolean outgoingOnly,
        long memoryBytes,
        long cacheBytes, EngineSettings engine, int threads, Path dataFolder, String workerId,
        Map<String, String> labels, Optional<LendingHours> hours, Optional<PowerSupply> spared,
        OptionalLong uploadBytesPerSecond) {
    public WorkerSettings {
        labels = Map.copyOf(labels);
    }
}
