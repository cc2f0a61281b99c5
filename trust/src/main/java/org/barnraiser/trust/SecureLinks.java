package org.barnraiser.trust;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.util.AdvancedTlsX509KeyManager;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Both sides show certificates of the cluster's authority, by TLS 1.3 alone. A renewed certificate serves new connections, while those
 * that are there stay. When a member is removed, its calls end, and it opens no more.
 */
public final class SecureLinks implements Links {
    private static final Logger LOG = LoggerFactory.getLogger(SecureLinks.class);
    /** A resumed session is not checked anew; so none is resumed that is older than this, or was there when a member was removed. */
    private static final long RESUMED_SECONDS = 1;
    private static final int MAX_ENDS = 10_000;

    private final AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
    private final Revocations revocations;
    private final Refusals refusals = new Refusals();
    private final LiveCalls calls;
    /** When certificates end that were seen, by whose they are. */
    private final Map<Identity, Instant> ends = new ConcurrentHashMap<>();
    /** These two are guarded by themselves. */
    private final Set<ManagedChannel> channels = Collections.newSetFromMap(new WeakHashMap<>());
    private final Set<SslContext> contexts = Collections.newSetFromMap(new WeakHashMap<>());
    private final ServerLimits limits;
    private volatile Credentials credentials;
    private volatile @Nullable Path keyFolder;
    private volatile @Nullable Path keyFile;

    public SecureLinks(Credentials credentials) {
        this(credentials, ServerLimits.USUAL);
    }

    SecureLinks(Credentials credentials, ServerLimits limits) {
        this.credentials = credentials;
        this.limits = limits;
        revocations = new Revocations(credentials.authority());
        calls = new LiveCalls(revocations, this::saw);
        revocations.onChange(this::forgetRemoved);
        show(credentials);
    }

    public Credentials credentials() {
        return credentials;
    }

    public Revocations revocations() {
        return revocations;
    }

    /** From now on these are shown on new connections. */
    public void renew(Credentials renewed) {
        show(renewed);
        credentials = renewed;
        LOG.info("The certificate of this {} was renewed; it is good until {}.", renewed.identity().role().word(),
                renewed.certificate().getNotAfter().toInstant());
    }

    /** Remembers when this member's newest certificate ends. */
    public void saw(X509Certificate certificate) {
        Optional<Identity> member = Identity.of(certificate);
        if (member.isPresent() && (ends.size() < MAX_ENDS || ends.containsKey(member.get()))) {
            ends.merge(member.get(), certificate.getNotAfter().toInstant(),
                    (one, other) -> one.isAfter(other) ? one : other);
        }
    }

    /** When this member's certificate ends, or another's as it was last seen here; empty where none was. */
    public Optional<Instant> certificateEnd(Identity member) {
        return Optional.ofNullable(ends.get(member));
    }

    private void show(Credentials shown) {
        saw(shown.certificate());
        keys.updateIdentityCredentials(shown.chain(), shown.key());
        Path folder = keyFolder;
        if (folder != null) {
            try {
                write(shown, folder);
            } catch (IOException e) {
                LOG.warn("A renewed certificate cannot be kept in {}, where ZooKeeper's client looks for it: {}",
                        folder, e.getMessage());
            }
        }
    }

    /** From now on the newest key and certificate are also in this folder, as ZooKeeper's client reads them from a file alone. */
    public SecureLinks keepIn(Path folder) throws TrustException {
        try {
            write(credentials, folder);
        } catch (IOException e) {
            throw new TrustException("The certificate cannot be kept in " + folder + ": " + e.getMessage() + ".", e);
        }
        keyFolder = folder;
        return this;
    }

    private static void write(Credentials shown, Path folder) throws IOException {
        PrivateFolder.at(folder).create().writePem(keyFile(shown), shown.key(), shown.certificate(), shown.authority());
    }

    private static String keyFile(Credentials of) {
        return "zookeeper-" + of.identity().id() + ".pem";
    }

    /** The newest key and certificate are in this file anyway, whoever renews them. */
    SecureLinks keptIn(Path file) {
        keyFile = file;
        return this;
    }

    /** Key, certificate and the authority's certificate as PEM; empty when nobody asked for it. */
    Optional<Path> keyFile() {
        return Optional.ofNullable(keyFolder).map(folder -> folder.resolve(keyFile(credentials)))
                .or(() -> Optional.ofNullable(keyFile));
    }

    AdvancedTlsX509KeyManager keyManager() {
        return keys;
    }

    /** Believes members of these roles that have not been removed. */
    X509TrustManager trust(Set<Role> wanted) {
        return new PeerTrust(credentials.authority(), revocations, wanted, refusals);
    }

    @Override
    public ManagedChannel to(String address, Set<Role> wanted, Consumer<NettyChannelBuilder> options) {
        NettyChannelBuilder builder = PlainLinks.client(address)
                .sslContext(context(SslContextBuilder.forClient().keyManager(keys), wanted)).intercept(calls.client());
        options.accept(builder);
        ManagedChannel channel = builder.build();
        synchronized (channels) {
            channels.removeIf(ManagedChannel::isShutdown);
            channels.add(channel);
        }
        return channel;
    }

    /** A member is dialled, and reached in no other way. */
    @Override
    public Optional<ManagedChannel> better(ManagedChannel than, String address, Set<Role> wanted,
            Consumer<NettyChannelBuilder> options) {
        return Optional.empty();
    }

    @Override
    public NettyServerBuilder at(InetSocketAddress listen, Admission admission) {
        return server(listen, admission, ClientAuth.REQUIRE);
    }

    /** A server that also lets in who has no certificate yet; what such a one may call is for {@code admission} to say. */
    public NettyServerBuilder atDoor(InetSocketAddress listen, Admission admission) {
        return server(listen, admission, ClientAuth.OPTIONAL);
    }

    private NettyServerBuilder server(InetSocketAddress listen, Admission admission, ClientAuth auth) {
        SslContext context = context(SslContextBuilder.forServer(keys).clientAuth(auth), EnumSet.allOf(Role.class));
        return BoundedServer.at(listen, limits).sslContext(context)
                .intercept(new Gate(admission, revocations, calls, refusals));
    }

    private SslContext context(SslContextBuilder builder, Set<Role> wanted) {
        TrustManager trust = trust(wanted);
        try {
            SslContext context = GrpcSslContexts.configure(builder, SslProvider.JDK).trustManager(trust)
                    .protocols("TLSv1.3").sessionTimeout(RESUMED_SECONDS).build();
            synchronized (contexts) {
                contexts.add(context);
            }
            return context;
        } catch (SSLException e) {
            throw new IllegalStateException("Every Java has TLS 1.3", e);
        }
    }

    private void forgetRemoved() {
        List<SslContext> used;
        synchronized (contexts) {
            used = List.copyOf(contexts);
        }
        used.forEach(context -> forgetSessions(context.sessionContext()));
        calls.endRemoved();
        List<ManagedChannel> open;
        synchronized (channels) {
            open = List.copyOf(channels);
        }
        // New calls make new connections, at which the other side is looked at anew; calls that are under way go on.
        open.forEach(ManagedChannel::enterIdle);
    }

    private static void forgetSessions(SSLSessionContext sessions) {
        for (byte[] id : Collections.list(sessions.getIds())) {
            SSLSession session = sessions.getSession(id);
            if (session != null) {
                session.invalidate();
            }
        }
    }

    @Override
    public Channel expecting(String id, Channel channel) {
        return ClientInterceptors.intercept(channel, new ExpectedPeer(id));
    }

    @Override
    public boolean areSecure() {
        return true;
    }
}
