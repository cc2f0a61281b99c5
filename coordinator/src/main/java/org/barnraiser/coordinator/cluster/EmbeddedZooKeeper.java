package org.barnraiser.coordinator.cluster;

import com.google.common.net.HostAndPort;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Properties;
import org.apache.zookeeper.server.embedded.ExitHandler;
import org.apache.zookeeper.server.embedded.ZooKeeperServerEmbedded;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.MemberAuthentication;
import org.barnraiser.trust.SecureLinks;
import org.barnraiser.trust.ZooKeeperAccess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ZooKeeper server inside this process: durable, and closed like any other resource. It is reached from this machine alone, or serves the
 * members of a cluster that has one coordinator; with several, an ensemble of its own is better, as this one ends with its process.
 */
public final class EmbeddedZooKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedZooKeeper.class);
    private static final long START_TIMEOUT_MILLIS = 30_000;
    private static final int LOOK_MILLIS = 500;
    private static final int MAX_ADDRESS_BYTES = 300;

    private final ZooKeeperServerEmbedded server;
    private final FileChannel lock;
    private final ZooKeeperAccess access;

    private EmbeddedZooKeeper(ZooKeeperServerEmbedded server, FileChannel lock, ZooKeeperAccess access) {
        this.server = server;
        this.lock = lock;
        this.access = access;
    }

    /**
     * Starts a server on a free loopback port and waits until it serves.
     *
     * @param dataDirectory kept in its subfolder {@code zookeeper}; made when missing
     */
    public static EmbeddedZooKeeper start(Path dataDirectory) throws ClusterException {
        // Any free port.
        return start(dataDirectory, HostAndPort.fromParts(InetAddress.getLoopbackAddress().getHostAddress(), 0),
                Links.PLAIN);
    }

    /**
     * Starts a server that other machines reach, and waits until it serves.
     *
     * @param dataDirectory kept in its subfolder {@code zookeeper}; made when missing
     * @param listen an address of this machine; a port is needed where links are secure
     * @param links where these are secure, so is the server: members alone get in
     */
    public static EmbeddedZooKeeper start(Path dataDirectory, HostAndPort listen, Links links) throws ClusterException {
        Path directory = dataDirectory.resolve("zookeeper");
        FileChannel lock = lock(directory);
        try {
            return start(directory, lock, listen, links);
        } catch (Exception e) {
            closeQuietly(lock);
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            // ZooKeeperServerEmbedded declares Exception; whatever it is, the folder is where to look.
            throw new ClusterException("The embedded ZooKeeper does not start in " + directory + ": " + e.getMessage()
                    + "; check that the folder can be written, that the disk is not full, and that nothing else listens at "
                    + listen + ".", e);
        }
    }

    private static EmbeddedZooKeeper start(Path directory, FileChannel lock, HostAndPort listen, Links links)
            throws Exception {
        ZooKeeperServerEmbedded server = ZooKeeperServerEmbedded.builder()
                .baseDir(directory)
                .configuration(configuration(listen, links))
                .exitHandler(ExitHandler.LOG_ONLY)
                .build();
        try {
            server.start(START_TIMEOUT_MILLIS);
            int port = links.areSecure() ? server.getSecureClientPort() : server.getClientPort();
            var access = new ZooKeeperAccess(HostAndPort.fromParts(listen.getHost(), port).toString(),
                    links.areSecure());
            Files.writeString(addressFile(directory), access.toString());
            return new EmbeddedZooKeeper(server, lock, access);
        } catch (Exception e) {
            server.close();
            throw e;
        }
    }

    /**
     * The address of the server that some process on this machine runs with this data directory; empty when there is none.
     * Blocks for half a second at most.
     */
    public static Optional<String> running(Path dataDirectory) {
        Path file = addressFile(dataDirectory.resolve("zookeeper"));
        try (InputStream content = Files.newInputStream(file); Socket socket = new Socket()) {
            String text = new String(content.readNBytes(MAX_ADDRESS_BYTES), StandardCharsets.UTF_8);
            HostAndPort address = HostAndPort.fromString(ZooKeeperAccess.parse(text).connectString());
            // A process that was killed leaves the file behind.
            socket.connect(new InetSocketAddress(address.getHost(), address.getPort()), LOOK_MILLIS);
            return Optional.of(text);
        } catch (IOException | IllegalArgumentException | IllegalStateException _) {
            return Optional.empty();
        }
    }

    private static Path addressFile(Path directory) {
        return directory.resolve("address");
    }

    /** ZooKeeper itself does not notice that two servers write to one folder, and both would lose. */
    private static FileChannel lock(Path directory) throws ClusterException {
        Path file = directory.resolve("lock");
        try {
            Files.createDirectories(directory);
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (isLocked(channel)) {
                return channel;
            }
            channel.close();
        } catch (IOException e) {
            throw new ClusterException("The folder " + directory + " cannot be used: " + e.getMessage()
                    + "; give another data folder or the right to write there.", e);
        }
        throw new ClusterException("Another Barnraiser is running with the folder " + directory
                + "; stop it or give another data folder.");
    }

    /** Whether the lock is ours now; it ends with the channel. */
    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            return false;
        }
    }

    private static void closeQuietly(FileChannel lock) {
        try {
            lock.close();
        } catch (IOException e) {
            LOG.warn("A lock could not be released.", e);
        }
    }

    private static Properties configuration(HostAndPort listen, Links links) {
        Properties properties = new Properties();
        if (links instanceof SecureLinks secure) {
            properties.putAll(MemberAuthentication.configuration(secure));
            properties.setProperty("secureClientPortAddress", listen.getHost());
            properties.setProperty("secureClientPort", Integer.toString(listen.getPort()));
        } else {
            properties.setProperty("clientPortAddress", listen.getHost());
            properties.setProperty("clientPort", Integer.toString(listen.getPort()));
        }
        properties.setProperty("tickTime", "1000");
        properties.setProperty("minSessionTimeout", "2000");
        properties.setProperty("maxSessionTimeout", "60000");
        properties.setProperty("maxClientCnxns", "0");
        properties.setProperty("maxCnxns", "2000");
        // Its default port, 8080, is the one our own HTTP server wants.
        properties.setProperty("admin.enableServer", "false");
        properties.setProperty("4lw.commands.whitelist", "ruok,srvr");
        properties.setProperty("autopurge.snapRetainCount", "3");
        properties.setProperty("autopurge.purgeInterval", "24");
        return properties;
    }

    /** For clients: {@code [tls://]host:port}. */
    public String connectString() {
        return access.toString();
    }

    @Override
    public void close() {
        server.close();
        closeQuietly(lock);
    }
}
