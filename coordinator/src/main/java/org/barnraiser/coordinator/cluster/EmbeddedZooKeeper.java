package org.barnraiser.coordinator.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.zookeeper.server.embedded.ExitHandler;
import org.apache.zookeeper.server.embedded.ZooKeeperServerEmbedded;

/**
 * A ZooKeeper server inside this process, for one machine: durable, reached from this machine alone, and closed like any
 * other resource. Real clusters bring their own ensemble.
 */
public final class EmbeddedZooKeeper implements AutoCloseable {
    private static final long START_TIMEOUT_MILLIS = 30_000;

    private final ZooKeeperServerEmbedded server;
    private final String connectString;

    private EmbeddedZooKeeper(ZooKeeperServerEmbedded server, String connectString) {
        this.server = server;
        this.connectString = connectString;
    }

    /**
     * Starts a server on a free loopback port and waits until it serves.
     *
     * @param dataDirectory kept in its subfolder {@code zookeeper}; made when missing
     */
    public static EmbeddedZooKeeper start(Path dataDirectory) throws ClusterException {
        Path directory = dataDirectory.resolve("zookeeper");
        String loopback = InetAddress.getLoopbackAddress().getHostAddress();
        try {
            Files.createDirectories(directory);
            int port = freeLoopbackPort();
            ZooKeeperServerEmbedded server = ZooKeeperServerEmbedded.builder()
                    .baseDir(directory)
                    .configuration(configuration(loopback, port))
                    .exitHandler(ExitHandler.LOG_ONLY)
                    .build();
            try {
                server.start(START_TIMEOUT_MILLIS);
            } catch (Exception e) {
                server.close();
                throw e;
            }
            return new EmbeddedZooKeeper(server, loopback + ":" + port);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException("The start of the embedded ZooKeeper was interrupted.", e);
        } catch (Exception e) {
            // ZooKeeperServerEmbedded declares Exception; whatever it is, the folder is where to look.
            throw new ClusterException("The embedded ZooKeeper does not start in " + directory + ": " + e.getMessage()
                    + "; check that the folder can be written and that no other Barnraiser uses it.", e);
        }
    }

    private static Properties configuration(String host, int port) {
        Properties properties = new Properties();
        properties.setProperty("clientPortAddress", host);
        properties.setProperty("clientPort", Integer.toString(port));
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

    /** ZooKeeper cannot be asked for a free port in its configuration file, so one is found first. */
    private static int freeLoopbackPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** {@code host:port} for clients on this machine. */
    public String connectString() {
        return connectString;
    }

    @Override
    public void close() {
        server.close();
    }
}
