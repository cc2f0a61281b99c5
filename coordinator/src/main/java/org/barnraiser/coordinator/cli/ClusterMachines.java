package org.barnraiser.coordinator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import java.net.URI;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.barnraiser.coordinator.account.Credential;
import org.barnraiser.coordinator.fit.Machine;
import org.barnraiser.coordinator.plan.Speed;
import org.barnraiser.coordinator.terminal.Lines;

/** The machines of a running cluster, and how fast they were found to be. */
final class ClusterMachines {
    private static final int MAX_NAME = 60;

    private final URI url;
    private final Credential credential;

    ClusterMachines(URI url, Credential credential) {
        this.url = url;
        this.credential = credential;
    }

    /**
     * Asks the coordinator; blocks.
     *
     * @param taken names that are somebody else's
     */
    ImmutableList<Machine> fetch(Set<String> taken) throws CommandException, InterruptedException {
        Set<String> names = new HashSet<>(taken);
        ImmutableList.Builder<Machine> machines = ImmutableList.builder();
        for (JsonNode worker : ClusterState.fetch(url, credential).path("workers")) {
            String name = Lines.plain(worker.path("worker").asText(), MAX_NAME);
            long memory = worker.path("usableMemoryBytes").asLong();
            if (memory > 0 && names.add(name)) {
                machines.add(new Machine(name, memory, pace(worker.path("speed")), Optional.empty(),
                        worker.path("labels").path("trusted").asText().equals("yes")));
            }
        }
        ImmutableList<Machine> all = machines.build();
        if (all.isEmpty()) {
            throw new CommandException(
                    "there is no worker at " + url + "; start some, or describe them with --machine.");
        }
        return all;
    }

    private static Optional<Machine.Pace> pace(JsonNode speed) {
        Speed measured = new Speed(speed.path("bytesPerSecond").asDouble(),
                speed.path("operationsPerSecond").asDouble(),
                speed.path("stepSeconds").asDouble());
        return measured.isKnown() ? Optional.of(Machine.Pace.measured(measured)) : Optional.empty();
    }
}
