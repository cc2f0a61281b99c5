package org.barnraiser.testing.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.barnraiser.coordinator.cluster.ClusterException;
import org.barnraiser.testing.models.DemoModelF32;

/**
 * What a {@link TestCluster} is made of.
 *
 * @param folder for data of all processes
 * @param logs for what they write
 * @param contextTokens 0: what the model was trained for
 * @param quickStart whether code is compiled quickly rather than well, which halves what a start costs
 */
public record TestClusterSettings(Path folder, Path logs, Path model, int coordinators, int workers, int slots,
        int contextTokens, String workerMemory, List<String> coordinatorOptions, List<String> workerOptions,
        boolean quickStart) {
    /** The demo model in its exact form, one coordinator, eight slots. */
    public static TestClusterSettings demo(Path folder, int workers) throws IOException {
        Path model = DemoModelF32.writeTo(Files.createDirectories(folder));
        return new TestClusterSettings(folder, folder.resolve("logs"), model, 1, workers, 8, 0, "512M", List.of(),
                List.of(), true);
    }

    public TestClusterSettings withLogs(Path there) {
        return new TestClusterSettings(folder, there, model, coordinators, workers, slots, contextTokens, workerMemory,
                coordinatorOptions, workerOptions, quickStart);
    }

    public TestClusterSettings withCoordinators(int count) {
        return new TestClusterSettings(folder, logs, model, count, workers, slots, contextTokens, workerMemory,
                coordinatorOptions, workerOptions, quickStart);
    }

    public TestClusterSettings withSlots(int count) {
        return new TestClusterSettings(folder, logs, model, coordinators, workers, count, contextTokens, workerMemory,
                coordinatorOptions, workerOptions, quickStart);
    }

    public TestClusterSettings withContextTokens(int tokens) {
        return new TestClusterSettings(folder, logs, model, coordinators, workers, slots, tokens, workerMemory,
                coordinatorOptions, workerOptions, quickStart);
    }

    /** What each worker lends, such as "512M". */
    public TestClusterSettings withWorkerMemory(String size) {
        return new TestClusterSettings(folder, logs, model, coordinators, workers, slots, contextTokens, size,
                coordinatorOptions, workerOptions, quickStart);
    }

    public TestClusterSettings withCoordinatorOptions(String... options) {
        return new TestClusterSettings(folder, logs, model, coordinators, workers, slots, contextTokens, workerMemory,
                List.of(options), workerOptions, quickStart);
    }

    public TestClusterSettings withWorkerOptions(String... options) {
        return new TestClusterSettings(folder, logs, model, coordinators, workers, slots, contextTokens, workerMemory,
                coordinatorOptions, List.of(options), quickStart);
    }

    /** Code is compiled well rather than quickly, for measuring. */
    public TestClusterSettings forMeasuring() {
        return new TestClusterSettings(folder, logs, model, coordinators, workers, slots, contextTokens, workerMemory,
                coordinatorOptions, workerOptions, false);
    }

    public TestClusterSettings withModel(Path file) {
        return new TestClusterSettings(folder, logs, file, coordinators, workers, slots, contextTokens, workerMemory,
                coordinatorOptions, workerOptions, quickStart);
    }

    /** Starts the processes; returns at once. */
    public TestCluster start() throws IOException, ClusterException {
        return TestCluster.start(this);
    }
}
