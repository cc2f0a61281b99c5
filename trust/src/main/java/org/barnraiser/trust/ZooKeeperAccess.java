package org.barnraiser.trust;

import java.nio.file.Path;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ClientX509Util;

/**
 * Where the cluster's ZooKeeper is, and how it is reached.
 *
 * @param connectString {@code host:port[,host:port…]}
 * @param secure whether it is spoken to by TLS alone, with certificates of both sides
 */
public record ZooKeeperAccess(String connectString, boolean secure) {
    private static final String TLS = "tls://";

    /** From {@code [tls://]host:port[,host:port…]}. */
    public static ZooKeeperAccess parse(String text) {
        return text.startsWith(TLS)
                ? new ZooKeeperAccess(text.substring(TLS.length()), true)
                : new ZooKeeperAccess(text, false);
    }

    /**
     * A client that is still to be built and started; what it makes belongs to whom {@link MemberAcls} says.
     *
     * @throws TrustException when certificates are wanted there and this machine has none
     */
    public CuratorFrameworkFactory.Builder client(Links links) throws TrustException {
        CuratorFrameworkFactory.Builder builder = CuratorFrameworkFactory.builder().connectString(connectString);
        return secure ? builder.zkClientConfig(config(links)).aclProvider(new MemberAcls()) : builder;
    }

    /** What ZooKeeper's own client must be told; its owner may add to it. The same errors. */
    public ZKClientConfig config(Links links) throws TrustException {
        if (!secure) {
            return new ZKClientConfig();
        }
        Path keys = links instanceof SecureLinks own ? own.keyFile().orElse(null) : null;
        if (keys == null) {
            throw new TrustException(
                    "ZooKeeper at " + connectString + " wants a certificate, and this machine has none; give"
                            + " --join with an invitation.");
        }
        return config(keys);
    }

    /** The file is read anew for each connection, so a renewed certificate counts from the next one on. */
    private static ZKClientConfig config(Path keys) {
        var config = new ZKClientConfig();
        config.setProperty(ZKClientConfig.SECURE_CLIENT, "true");
        config.setProperty(ZKClientConfig.ZOOKEEPER_CLIENT_CNXN_SOCKET, "org.apache.zookeeper.ClientCnxnSocketNetty");
        try (var names = new ClientX509Util()) {
            config.setProperty(names.getSslKeystoreLocationProperty(), keys.toString());
            config.setProperty(names.getSslTruststoreLocationProperty(), keys.toString());
            config.setProperty(names.getSslKeystoreTypeProperty(), "PEM");
            config.setProperty(names.getSslTruststoreTypeProperty(), "PEM");
            config.setProperty(names.getSslProtocolProperty(), "TLSv1.3");
            config.setProperty(names.getSslEnabledProtocolsProperty(), "TLSv1.3");
            // Machines of a club change their addresses; who a member is stands in its certificate.
            config.setProperty(names.getSslHostnameVerificationEnabledProperty(), "false");
        }
        return config;
    }

    /** As it is told to members. */
    @Override
    public String toString() {
        return (secure ? TLS : "") + connectString;
    }
}
