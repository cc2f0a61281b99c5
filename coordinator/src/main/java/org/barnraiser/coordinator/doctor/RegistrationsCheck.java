package org.barnraiser.coordinator.doctor;

import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.cluster.ClusterSnapshot;
import org.barnraiser.proto.CoordinatorRecord;

import static java.util.stream.Collectors.joining;

/** Whether what is registered in ZooKeeper makes a cluster: workers, coordinators, one that leads, and no nodes that are stale. */
final class RegistrationsCheck implements Check {
    private static final String SUBJECT = "registered";
    private static final int NAMED = 3;

    private final ClusterSnapshot snapshot;

    RegistrationsCheck(ClusterSnapshot snapshot) {
        this.snapshot = snapshot;
    }

    @Override
    public String subject() {
        return SUBJECT;
    }

    @Override
    public List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        findings.add(members());
        if (!snapshot.coordinators().isEmpty() && !leaderIsThere()) {
            findings.add(Finding.warning(SUBJECT, "No coordinator leads just now.",
                    "Wait half a minute and look again; if none leads then, restart a coordinator."));
        }
        if (!snapshot.unreadable().isEmpty()) {
            findings.add(Finding.warning(SUBJECT, "Nodes in ZooKeeper are ignored because they cannot be read: "
                    + snapshot.unreadable().stream().limit(NAMED).collect(joining("; ")) + ".",
                    "If no newer Barnraiser wrote them, delete them with ZooKeeper's zkCli.sh."));
        }
        return findings;
    }

    private Finding members() {
        long workers = snapshot.workers().stream().map(worker -> worker.getWorkerId()).distinct().count();
        int coordinators = snapshot.coordinators().size();
        String found = counted(coordinators, "coordinator") + " and " + counted(workers, "worker") + " are registered";
        if (coordinators == 0) {
            return Finding.broken(SUBJECT, found + ".", "Start one on the machine that has the model file: './barn"
                    + " coordinator --zookeeper H:P --model FILE'; and see that it names the same ZooKeeper.");
        }
        return workers == 0
                ? Finding.broken(SUBJECT, found + ".", "Start workers on machines that lend memory: './barn worker"
                        + " --zookeeper H:P'; and see that they name the same ZooKeeper.")
                : Finding.ok(SUBJECT, found + (leaderIsThere() ? ", and one coordinator leads." : "."));
    }

    private boolean leaderIsThere() {
        return snapshot.coordinators().stream().map(CoordinatorRecord::getCoordinatorId)
                .anyMatch(snapshot.leaderId()::equals);
    }

    private static String counted(long count, String noun) {
        return (count == 0 ? "no" : Long.toString(count)) + " " + noun + (count == 1 ? "" : "s");
    }
}
