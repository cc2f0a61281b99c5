package org.barnraiser.coordinator.doctor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.barnraiser.coordinator.cluster.ClusterException;
import org.barnraiser.coordinator.cluster.ClusterReader;
import org.barnraiser.coordinator.cluster.ClusterSnapshot;
import org.barnraiser.proto.CoordinatorRecord;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.ZooKeeperAccess;

/** Looks at a cluster: first at what ZooKeeper or an endpoint tells of it, then at everything that is told of. */
final class ClusterExamination {
    private static final Duration SESSION_PATIENCE = Duration.ofSeconds(4);

    private final Examination examination;
    private final Endpoints endpoints;
    private final Connections connections;
    private final Links links;

    ClusterExamination(Examination examination, Endpoints endpoints, Connections connections, Links links) {
        this.links = links;
        this.examination = examination;
        this.endpoints = endpoints;
        this.connections = connections;
    }

    /**
     * Blocks until the examination's deadline at most.
     *
     * @param zooKeeper connect string; empty when none is known
     * @param url an endpoint that is to answer; empty when none is known
     */
    List<Finding> findings(Optional<String> zooKeeper, Optional<Endpoint> url) throws InterruptedException {
        Examination.Begun servers = examination.begin(zooKeeper.stream().flatMap(ClusterExamination::servers)
                .map(server -> (Check) new ZooKeeperServerCheck(server)).toList());
        Examination.Begun endpoint = examination.begin(url.stream().map(at -> (Check) new UrlCheck(at)).toList());
        List<Finding> session = new ArrayList<>();
        Optional<ClusterSnapshot> snapshot = zooKeeper.isPresent()
                ? read(zooKeeper.get(), session)
                : Optional.empty();
        snapshot.ifPresent(cluster -> connections.meetAt(cluster.relays()));
        Examination.Begun rest = examination.begin(checks(snapshot, url));

        List<Finding> findings = new ArrayList<>(examination.await(servers));
        findings.addAll(session);
        findings.addAll(examination.await(endpoint));
        findings.addAll(examination.await(rest));
        return findings;
    }

    /** Servers that want certificates answer no four-letter words. */
    private static Stream<String> servers(String connectString) {
        if (ZooKeeperAccess.parse(connectString).secure()) {
            return Stream.empty();
        }
        String withoutPath = connectString.replaceFirst("/.*$", "");
        return Stream.of(withoutPath.split(",")).map(String::strip).filter(server -> !server.isEmpty());
    }

    private Optional<ClusterSnapshot> read(String zooKeeper, List<Finding> findings)
            throws InterruptedException {
        try (ClusterReader reader = ClusterReader.connect(zooKeeper, links, SESSION_PATIENCE)) {
            ClusterSnapshot snapshot = reader.read();
            findings.add(Finding.ok("ZooKeeper", "A session was opened and can write (round trip "
                    + snapshot.roundTrip().toMillis() + " ms)."));
            findings.add(Clock.compare("ZooKeeper", snapshot.clockAhead()));
            return Optional.of(snapshot);
        } catch (ClusterException e) {
            findings.add(Finding.broken("ZooKeeper", String.valueOf(e.getMessage()), "See that most of its servers run"
                    + " and that --zookeeper is right; running answers go on without it, but no worker can join or"
                    + " be replaced."));
            return Optional.empty();
        }
    }

    private List<Check> checks(Optional<ClusterSnapshot> snapshot, Optional<Endpoint> url) {
        List<Check> checks = new ArrayList<>();
        snapshot.ifPresent(cluster -> {
            checks.add(new RegistrationsCheck(cluster));
            for (CoordinatorRecord coordinator : cluster.coordinators()) {
                if (!coordinator.getHttpAddress().isEmpty()) {
                    var _ = endpoints.at(coordinator.getHttpAddress());
                }
                boolean leads = coordinator.getCoordinatorId().equals(cluster.leaderId());
                checks.add(new CoordinatorCheck(coordinator, leads, endpoints, connections));
            }
        });
        List<Member> workers = snapshot.map(cluster -> Member.registered(cluster.workers()))
                .orElseGet(() -> url.map(ClusterExamination::shown).orElse(List.of()));
        workers.forEach(worker -> checks.add(new WorkerCheck(worker, connections)));
        List<Member> called = workers.stream().filter(worker -> !worker.address().isEmpty()).toList();
        if (called.size() > 1) {
            called.forEach(worker -> checks.add(new LinksCheck(worker, without(worker, called), connections)));
        }
        checks.add(new EnginesCheck(workers));
        checks.add(new ModelsCheck(endpoints.all(), snapshot));
        return checks;
    }

    private static List<Member> shown(Endpoint endpoint) {
        return endpoint.answer() instanceof Endpoint.Cluster cluster ? Member.shown(cluster.status()) : List.of();
    }

    private static List<Member> without(Member worker, List<Member> workers) {
        Set<Member> others = new LinkedHashSet<>(workers);
        others.remove(worker);
        return List.copyOf(others);
    }
}
