package org.barnraiser.coordinator.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.Stat;
import org.barnraiser.coordinator.cluster.ClusterSnapshot.StoredPlan;
import org.barnraiser.proto.CoordinatorRecord;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.WorkerRecord;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.MemberAcls;
import org.barnraiser.trust.TrustException;
import org.barnraiser.trust.ZooKeeperAccess;
import org.barnraiser.trust.reach.RelayDirectory;

/**
 * Looks at a cluster from outside, in a ZooKeeper session of its own that takes part in nothing. Without retries, unlike the
 * sessions of those who take part: what does not answer now is what there is to tell.
 */
public final class ClusterReader implements AutoCloseable {
    private static final int MAX_NODES = 4096;
    private static final int CLOSE_MILLIS = 500;
    /** Numbers that ZooKeeper puts at the end of a sequential node's name. */
    private static final int SEQUENCE_DIGITS = 10;

    private final ZooKeeper zooKeeper;

    private ClusterReader(ZooKeeper zooKeeper) {
        this.zooKeeper = zooKeeper;
    }

    /**
     * Opens a session; blocks, at most for the patience, which is also that for every later answer.
     *
     * @param connectString {@code [tls://]host:port[,host:port…]}
     * @param links what is shown to a server that asks for certificates
     */
    public static ClusterReader connect(String connectString, Links links, Duration patience)
            throws ClusterException, InterruptedException {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeperAccess access = ZooKeeperAccess.parse(connectString);
        try {
            ZKClientConfig config = access.config(links);
            config.setProperty(ZKClientConfig.ZOOKEEPER_REQUEST_TIMEOUT, Long.toString(patience.toMillis()));
            ZooKeeper client = new ZooKeeper(access.connectString(), (int) (2 * patience.toMillis()), event -> {
                if (event.getState() == KeeperState.SyncConnected) {
                    connected.countDown();
                }
            }, config);
            if (connected.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                return new ClusterReader(client);
            }
            client.close(CLOSE_MILLIS);
        } catch (TrustException e) {
            throw new ClusterException(String.valueOf(e.getMessage()), e);
        } catch (IOException | IllegalArgumentException e) {
            throw new ClusterException("\"" + connectString + "\" is no ZooKeeper address: " + e.getMessage() + ".", e);
        }
        throw new ClusterException("No session with ZooKeeper at " + connectString + " could be opened within "
                + patience.toSeconds() + " s.");
    }

    /** Reads everything once. Blocks on ZooKeeper. */
    public ClusterSnapshot read() throws ClusterException, InterruptedException {
        try {
            long startedNanos = System.nanoTime();
            var _ = zooKeeper.exists("/", false);
            Duration roundTrip = Duration.ofNanos(System.nanoTime() - startedNanos);
            Duration clockAhead = clockAhead();
            List<String> unreadable = new ArrayList<>();
            List<WorkerRecord> workers = records(ClusterPaths.WORKERS, WorkerRecords::parse, unreadable);
            List<CoordinatorRecord> coordinators = records(ClusterPaths.COORDINATORS, ClusterReader::coordinator,
                    unreadable);
            return new ClusterSnapshot(workers, coordinators, relays(), leader(), plans(unreadable),
                    List.copyOf(unreadable), roundTrip, clockAhead);
        } catch (KeeperException e) {
            throw new ClusterException("ZooKeeper opened a session, but a question failed: " + e.getMessage() + ".", e);
        }
    }

    /** ZooKeeper writes its own time beside what is written. The node goes with this session at the latest. */
    private Duration clockAhead() throws KeeperException, InterruptedException {
        String path = "/barnraiser-doctor-" + UUID.randomUUID();
        Stat stat = new Stat();
        Instant asked = Instant.now();
        zooKeeper.create(path, new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL, stat);
        Instant answered = Instant.now();
        zooKeeper.delete(path, -1);
        return ClusterSnapshot.ahead(Instant.ofEpochMilli(stat.getCtime()), asked, answered);
    }

    /** Checks the content of a node. */
    private interface Parser<T> {
        T parse(String nodeName, byte[] data) throws InvalidRecordException;
    }

    private <T> List<T> records(String folder, Parser<T> parser, List<String> unreadable)
            throws KeeperException, InterruptedException {
        List<T> records = new ArrayList<>();
        for (String name : children(folder)) {
            Optional<byte[]> data = data(folder + "/" + name, new Stat());
            try {
                if (data.isPresent()) {
                    records.add(parser.parse(name, data.get()));
                }
            } catch (InvalidRecordException e) {
                unreadable.add(folder + "/" + name + ": " + e.getMessage());
            }
        }
        return List.copyOf(records);
    }

    private static CoordinatorRecord coordinator(String nodeName, byte[] data) throws InvalidRecordException {
        CoordinatorRecord coordinator = RecordJson.decode(data, CoordinatorRecord.newBuilder()).build();
        if (!coordinator.getCoordinatorId().equals(nodeName)) {
            throw new InvalidRecordException("its name is not the id in it");
        }
        for (String address : List.of(coordinator.getHttpAddress(), coordinator.getGrpcAddress())) {
            if (!address.isEmpty() && !Addresses.isHostAndPort(address)) {
                throw new InvalidRecordException("an address in it is not host:port");
            }
        }
        return coordinator;
    }

    /** The first candidate in line, as Curator's latch has it; its node holds its id. */
    private String leader() throws KeeperException, InterruptedException {
        Optional<String> first = children(ClusterPaths.LEADER).stream().filter(name -> name.length() > SEQUENCE_DIGITS)
                .min(Comparator.comparing(name -> name.substring(name.length() - SEQUENCE_DIGITS)));
        return first.isEmpty()
                ? ""
                : data(ClusterPaths.LEADER + "/" + first.get(), new Stat())
                        .map(id -> new String(id, StandardCharsets.UTF_8)).orElse("");
    }

    private List<String> relays() throws KeeperException, InterruptedException {
        SortedMap<String, byte[]> nodes = new TreeMap<>();
        for (String name : children(MemberAcls.RELAYS)) {
            data(MemberAcls.RELAYS + "/" + name, new Stat()).ifPresent(data -> nodes.put(name, data));
        }
        return RelayDirectory.addresses(nodes);
    }

    private List<StoredPlan> plans(List<String> unreadable) throws KeeperException, InterruptedException {
        List<StoredPlan> plans = new ArrayList<>();
        for (String digest : children(ClusterPaths.PLANS)) {
            String path = ClusterPaths.PLANS + "/" + digest;
            Stat stat = new Stat();
            Optional<byte[]> data = data(path, stat);
            if (data.isPresent()) {
                plans.add(new StoredPlan(digest, stat.getVersion() + 1L, plan(path, data.get(), unreadable)));
            }
        }
        return List.copyOf(plans);
    }

    private static Optional<PlanRecord> plan(String path, byte[] data, List<String> unreadable) {
        try {
            return Optional.of(RecordJson.decode(data, PlanRecord.newBuilder()).build());
        } catch (InvalidRecordException e) {
            unreadable.add(path + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    private List<String> children(String folder) throws KeeperException, InterruptedException {
        try {
            return zooKeeper.getChildren(folder, false).stream().sorted().limit(MAX_NODES).toList();
        } catch (KeeperException.NoNodeException _) {
            return List.of();
        }
    }

    private Optional<byte[]> data(String path, Stat stat) throws KeeperException, InterruptedException {
        try {
            byte[] data = zooKeeper.getData(path, false, stat);
            return Optional.of(data == null ? new byte[0] : data);
        } catch (KeeperException.NoNodeException _) {
            return Optional.empty();
        }
    }

    /** Ends the session. */
    @Override
    public void close() {
        try {
            zooKeeper.close(CLOSE_MILLIS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
