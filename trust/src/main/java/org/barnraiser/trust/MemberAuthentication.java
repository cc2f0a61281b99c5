package org.barnraiser.trust;

import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.regex.Pattern;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.server.ServerCnxn;
import org.apache.zookeeper.server.auth.X509AuthenticationProvider;
import org.jspecify.annotations.Nullable;

/**
 * Lets members of the cluster into a ZooKeeper server of this process, and nobody else: the id of a session is {@code ROLE/ID}, as its
 * certificate says. Sessions of a member that is removed end at once. ZooKeeper makes it by its name, so one process serves one cluster.
 */
public final class MemberAuthentication extends X509AuthenticationProvider {
    private static final Pattern WHO = Pattern.compile("any|(coordinator|worker|relay)(/[A-Za-z0-9._-]{1,63})?");
    private static volatile @Nullable SecureLinks serving;

    private final SecureLinks links;
    /** Guarded by itself. */
    private final Set<ServerCnxn> connections = Collections.newSetFromMap(new WeakHashMap<>());

    /** For ZooKeeper alone. */
    public MemberAuthentication() {
        this(served());
    }

    private MemberAuthentication(SecureLinks links) {
        super(links.trust(EnumSet.allOf(Role.class)), links.keyManager());
        this.links = links;
        links.revocations().onChange(this::endRemoved);
    }

    private static SecureLinks served() {
        SecureLinks present = serving;
        if (present == null) {
            throw new IllegalStateException("no server with certificates was configured");
        }
        return present;
    }

    /** What a server must be told to serve members of this cluster alone, by TLS 1.3. */
    public static Properties configuration(SecureLinks links) {
        serving = links;
        var properties = new Properties();
        properties.setProperty("serverCnxnFactory", "org.apache.zookeeper.server.NettyServerCnxnFactory");
        properties.setProperty("authProvider." + MemberAcls.SCHEME, MemberAuthentication.class.getName());
        properties.setProperty("ssl.authProvider", MemberAcls.SCHEME);
        properties.setProperty("ssl.clientAuth", "need");
        properties.setProperty("ssl.protocol", "TLSv1.3");
        properties.setProperty("ssl.enabledProtocols", "TLSv1.3");
        return properties;
    }

    @Override
    public String getScheme() {
        return MemberAcls.SCHEME;
    }

    @Override
    public KeeperException.Code handleAuthentication(ServerCnxn connection, byte @Nullable [] authData) {
        Optional<X509Certificate> certificate = certificate(connection);
        Optional<Identity> member = certificate.filter(shown -> !links.revocations().isRevoked(shown))
                .flatMap(Identity::of);
        if (member.isEmpty()) {
            return KeeperException.Code.AUTHFAILED;
        }
        synchronized (connections) {
            connections.add(connection);
        }
        connection.addAuthInfo(new Id(MemberAcls.SCHEME, member.get().role().word() + "/" + member.get().id()));
        return KeeperException.Code.OK;
    }

    private static Optional<X509Certificate> certificate(ServerCnxn connection) {
        return connection.getClientCertificateChain() instanceof X509Certificate[] chain && chain.length > 0
                ? Optional.of(chain[0])
                : Optional.empty();
    }

    private void endRemoved() {
        List<ServerCnxn> open;
        synchronized (connections) {
            open = List.copyOf(connections);
        }
        for (ServerCnxn connection : open) {
            if (certificate(connection).filter(links.revocations()::isRevoked).isPresent()) {
                connection.close(ServerCnxn.DisconnectReason.CONNECTION_CLOSE_FORCED);
            }
        }
    }

    @Override
    public boolean matches(String id, String granted) {
        return granted.equals(MemberAcls.ANYONE) || id.equals(granted) || id.startsWith(granted + "/");
    }

    @Override
    public boolean isValid(String id) {
        return WHO.matcher(id).matches();
    }
}
