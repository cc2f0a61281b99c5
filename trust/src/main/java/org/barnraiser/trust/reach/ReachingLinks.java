package org.barnraiser.trust.reach;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.NameResolver;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.barnraiser.trust.Admission;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Role;

/**
 * Links that reach members by their {@link Whereabouts}: one that cannot be dialled dials this one, or both meet at a relay. What can be
 * dialled is dialled as it is without. Thread-safe.
 */
public final class ReachingLinks implements Links {
    /** gRPC would wait for half a minute until it tries the next address. */
    private static final int CONNECT_MILLIS = 2_000;

    private final Links links;
    private final Approach approach;
    private final Dialling dialling = new Dialling();
    private final Set<Doorway> doorways = ConcurrentHashMap.newKeySet();

    /**
     * @param links by which each connection is made
     * @param own served by this member: those that it summons come there
     * @param ownAddress by which others may reach this member; empty while they cannot
     * @param relays {@code host:port}, to be tried in this order
     */
    public ReachingLinks(Links links, ReachService own, Supplier<Optional<String>> ownAddress,
            Supplier<List<String>> relays) {
        this.links = links;
        approach = new Approach(new Calls(links), own, ownAddress, relays);
    }

    /** How connections to a member get there now; direct as long as there are none. */
    public Way wayTo(String address) {
        doorways.removeIf(Doorway::isDone);
        return Whereabouts.parse(address).flatMap(Whereabouts::line)
                .flatMap(line -> doorways.stream().filter(doorway -> doorway.isFor(line))
                        .flatMap(doorway -> doorway.way().stream()).findFirst())
                .orElse(Way.DIRECT);
    }

    @Override
    public ManagedChannel to(String address, Set<Role> wanted, Consumer<NettyChannelBuilder> options) {
        Optional<Whereabouts> member = Whereabouts.parse(address).filter(found -> found.line().isPresent());
        if (member.isEmpty()) {
            return links.to(address, wanted, options);
        }
        return links.to(Whereabouts.memberOf(member.get().line().orElseThrow()), wanted, channel -> {
            options.accept(channel);
            route(channel, member.get());
        });
    }

    /** The way that gRPC recommends knows one meaning of a name in the whole process. */
    @SuppressWarnings("deprecation")
    private void route(NettyChannelBuilder channel, Whereabouts member) {
        channel.withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .nameResolverFactory(new NameResolver.Factory() {
                    @Override
                    public NameResolver newNameResolver(URI target, NameResolver.Args args) {
                        return new Route(member, dialling, () -> open(member.line().orElseThrow()));
                    }

                    @Override
                    public String getDefaultScheme() {
                        return "dns";
                    }
                });
    }

    private Doorway open(String line) throws IOException {
        Doorway doorway = Doorway.open(line, approach);
        doorways.add(doorway);
        return doorway;
    }

    @Override
    public NettyServerBuilder at(InetSocketAddress listen, Admission admission) {
        return links.at(listen, admission);
    }

    @Override
    public Channel expecting(String id, Channel channel) {
        return links.expecting(id, channel);
    }

    @Override
    public boolean areSecure() {
        return links.areSecure();
    }
}
