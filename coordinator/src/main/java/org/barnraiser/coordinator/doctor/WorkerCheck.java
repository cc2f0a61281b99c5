package org.barnraiser.coordinator.doctor;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import org.barnraiser.proto.WorkerRecord;

/** Whether a worker that the cluster has is reached from here, and is the one that registered. */
final class WorkerCheck implements Check {
    private final Member worker;
    private final Connections connections;

    WorkerCheck(Member worker, Connections connections) {
        this.worker = worker;
        this.connections = connections;
    }

    @Override
    public String subject() {
        return "worker " + worker.name();
    }

    @Override
    public List<Finding> findings() {
        if (worker.address().isEmpty()) {
            return List.of(Finding.warning(subject(),
                    "It takes no connections, and how else it is reached only ZooKeeper tells.",
                    "Look again with --zookeeper, or on the coordinator's machine."));
        }
        long startedNanos = System.nanoTime();
        try {
            WorkerRecord answer = connections.describe(worker.address());
            return List.of(compare(answer, (System.nanoTime() - startedNanos) / 1_000_000));
        } catch (StatusRuntimeException e) {
            return List.of(Finding.broken(subject(),
                    "It is registered, but does not answer at " + worker.place() + ": " + reason(e.getStatus()) + ".",
                    "See whether it runs, that its --listen or --advertise is an address that other machines reach,"
                            + " and that no firewall is in between."));
        }
    }

    private Finding compare(WorkerRecord answer, long millis) {
        if (!answer.getWorkerId().equals(worker.name())) {
            return Finding.broken(subject(), "Worker " + answer.getWorkerId() + " answers at its address, "
                    + worker.place() + ".", "Give every worker an address of its own with --listen or --advertise.");
        }
        if (!worker.incarnation().isEmpty() && !answer.getIncarnationId().equals(worker.incarnation())) {
            return Finding.warning(subject(), "It was restarted, and an old registration of it is left.",
                    "Wait: that vanishes by itself within half a minute.");
        }
        return Finding.ok(subject(), "It answers at " + worker.place() + " ("
                + connections.detour(worker.address()).map(way -> way + ", ").orElse("") + millis + " ms) and lends "
                + Sizes.of(answer.getUsableMemoryBytes()) + ".");
    }

    /** Half a sentence. */
    static String reason(Status status) {
        return switch (status.getCode()) {
            case DEADLINE_EXCEEDED -> "it says nothing within " + Connections.PATIENCE.toSeconds() + " s";
            case UNAVAILABLE -> "nothing listens there, or it cannot be reached";
            default -> String.valueOf(status.getDescription() == null ? status.getCode() : status.getDescription());
        };
    }
}
