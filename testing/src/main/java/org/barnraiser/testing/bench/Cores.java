package org.barnraiser.testing.bench;

import java.io.IOException;
import java.util.List;

/**
 * The machine's cores. A system moves a thread that slept to whichever core is free, and it begins there with cold caches; a core of its own
 * for each process shows what this costs.
 */
final class Cores {

    private Cores() {}

    /**
     * Each process with all its threads stays on one core, the first on core 0; more processes than cores share them in turn. For Linux, with
     * taskset.
     *
     * @throws IOException with one sentence, when it cannot be done
     */
    static void bind(List<Long> pids) throws IOException, InterruptedException {
        int cores = Runtime.getRuntime().availableProcessors();
        for (int i = 0; i < pids.size(); i++) {
            int status = new ProcessBuilder("taskset", "--all-tasks", "--cpu-list", "--pid",
                    Integer.toString(i % cores), Long.toString(pids.get(i)))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start().waitFor();
            if (status != 0) {
                throw new IOException("taskset could not bind process " + pids.get(i) + " to a core (status " + status
                        + "); leave out --bind.");
            }
        }
    }
}
