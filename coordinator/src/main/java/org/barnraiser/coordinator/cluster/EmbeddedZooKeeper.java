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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ZooKeeper server inside this process, for one machine: durable, reached from this machine alone, and closed like any
 * other resource. Real clusters bring their own ensemble.
 */
public final class EmbeddedZooKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedZooKeeper.class);
    private static final long START_TIMEOUT_MILLIS = 30_000;
    private static final int LOOK_MILLIS = 500;
    private static final int MAX_ADDRESS_BYTES = 300;

    private final ZooKeeperServerEmbedded server;
    private final FileChannel lock;
    private final String connectString;

    private EmbeddedZooKeeper(ZooKeeperServerEmbedded server, FileChannel lock, String connectString) {
        this.server = server;
        this.lock = lock;
        this.connectString = connectString;
    }

    /**
     * Starts a server on a free loopback port and waits until it serves.
     *
     * @param dataDirectory kept in its subfolder {@code zookeeper}; made when missing
     */
    public static EmbeddedZooKeeper start(Path dataDirectory) throws ClusterException {
        Path directory = dataDirectory.resolve("zookeeper");
        FileChannel lock = lock(directory);
        try {
            return start(directory, lock);
        } catch (Exception e) {
            closeQuietly(lock);
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            // ZooKeeperServerEmbedded declares Exception; whatever it is, the folder is where to look.
            throw new ClusterException("The embedded ZooKeeper does not start in " + directory + ": " + e.getMessage()
                    + "; check that the folder can be written and that the disk is not full.", e);
        }
    }

    private static EmbeddedZooKeeper start(Path directory, FileChannel lock) throws Exception {
        String loopback = InetAddress.getLoopbackAddress().getHostAddress();
        ZooKeeperServerEmbedded server = ZooKeeperServerEmbedded.builder()
                .baseDir(directory)
                .configuration(configuration(loopback))
                .exitHandler(ExitHandler.LOG_ONLY)
                .build();
        try {
            server.start(START_TIMEOUT_MILLIS);
            String address = loopback + ":" + server.getClientPort();
            Files.writeString(addressFile(directory), address);
            return new EmbeddedZooKeeper(server, lock, address);
        } catch (Exception e) {
            server.close();
            throw e;
        }
    }

    /**
     * The connect string of the server that some process on this machine runs with this data directory; empty when there is none.
     * Blocks for half a second at most.
     */
    public static Optional<String> running(Path dataDirectory) {
        Path file = addressFile(dataDirectory.resolve("zookeeper"));
        try (InputStream content = Files.newInputStream(file); Socket socket = new Socket()) {
            String text = new String(content.readNBytes(MAX_ADDRESS_BYTES), StandardCharsets.UTF_8);
            HostAndPort address = HostAndPort.fromString(text);
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

    private static Properties configuration(String host) {
        Properties properties = new Properties();
        properties.setProperty("clientPortAddress", host);
        // Any free one.
        properties.setProperty("clientPort", "0");
        properties.setProperty("tickTime", "1000");
        properties.setProperty("minSessionTimeout", "2000");
        properties.setProperty("maxSessionTimeout", "60000");
        properties.setProperty("maxClientCnxns", "0");
        // Its default port, 8080, is the one our own HTTP server wants.
        properties.setProperty("admin.enableServer", "false");
        properties.setProperty("4lw.commands.whitelist", "ruok,srvr");
        properties.setProperty("autopurge.snapRetainCount", "3");
        properties.setProperty("autopurge.purgeInterval", "24");
        return properties;
    }

    /** {@code host:port} for clients on this machine. */
    public String connectString() {
        return connectString;
    }

    @Override
    public void close() {
        server.close();
        closeQuietly(lock);
    }
}
