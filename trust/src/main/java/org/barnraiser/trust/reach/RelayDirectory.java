package org.barnraiser.trust.reach;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.curator.utils.ZKPaths;
import org.apache.zookeeper.CreateMode;
import org.barnraiser.trust.MemberAcls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which relays there are, as ZooKeeper knows: programs that do nothing else first, then coordinators. While ZooKeeper is away the last
 * knowledge stands. Thread-safe.
 */
public final class RelayDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RelayDirectory.class);
    private static final int MOST = 32;
    private static final Duration LEAVE_PATIENCE = Duration.ofSeconds(1);

    private final CuratorCache cache;
    private final Consumer<List<String>> onChange;
    private volatile List<String> addresses = List.of();

    /** Those that are tried first come first. */
    public enum Rank {
        RELAY("1"), COORDINATOR("2");

        private final String first;

        Rank(String first) {
            this.first = first;
        }
    }

    private RelayDirectory(CuratorFramework client, Consumer<List<String>> onChange) {
        this.onChange = onChange;
        cache = CuratorCache.build(client, MemberAcls.RELAYS);
        cache.listenable().addListener((_, _, _) -> read());
    }

    /** @param onChange called with the addresses after each change, on a thread of Curator */
    public static RelayDirectory watch(CuratorFramework client, Consumer<List<String>> onChange) {
        var directory = new RelayDirectory(client, onChange);
        directory.cache.start();
        return directory;
    }

    /** {@code host:port} of each. */
    public List<String> addresses() {
        return addresses;
    }

    private synchronized void read() {
        List<String> read = addresses(cache.stream().filter(node -> !node.getPath().equals(MemberAcls.RELAYS))
                .collect(Collectors.toMap(node -> ZKPaths.getNodeFromPath(node.getPath()), ChildData::getData,
                        (one, _) -> one, TreeMap::new)));
        if (!read.equals(addresses)) {
            addresses = read;
            onChange.accept(read);
        }
    }

    /** The addresses in these nodes, given by their names. What is none is left out, and so are those beyond what anybody tries. */
    public static List<String> addresses(SortedMap<String, byte[]> nodes) {
        return nodes.values().stream().map(address -> new String(address, StandardCharsets.UTF_8))
                .filter(Whereabouts::isAddress).distinct().limit(MOST).toList();
    }

    /** From now on members wait and meet at this address, until this is closed or the session ends. Returns at once. */
    public static Announcement announce(CuratorFramework client, Rank rank, String address) {
        var node = new PersistentNode(client, CreateMode.EPHEMERAL, false,
                MemberAcls.RELAYS + "/" + rank.first + "-" + UUID.randomUUID(),
                address.getBytes(StandardCharsets.UTF_8));
        node.start();
        return new Announcement(node);
    }

    /** A relay that is there. */
    public record Announcement(PersistentNode node) implements AutoCloseable {
        /** Takes it back while ZooKeeper answers soon; else it ends with the session. */
        @Override
        public void close() {
            Thread leaving = Thread.ofVirtual().name("leave").start(this::leave);
            try {
                leaving.join(LEAVE_PATIENCE);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        private void leave() {
            try {
                node.close();
            } catch (IOException e) {
                LOG.debug("A relay's announcement ends with its session: {}", e.toString());
            }
        }
    }

    @Override
    public void close() {
        cache.close();
    }
}
