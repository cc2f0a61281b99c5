package org.barnraiser.trust.reach;

import io.grpc.Channel;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.NameResolver;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
    /** For all ways to be tried. */
    private static final long BETTER_MILLIS = 15_000;

    private final Links links;
    private final Approach approach;
    private final Dialling dialling = new Dialling();
    /** Of each connection that is not closed, and may need others to get there. */
    private final Map<ManagedChannel, Course> courses = new ConcurrentHashMap<>();

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
        courses.keySet().removeIf(ManagedChannel::isTerminated);
        return Whereabouts.parse(address).flatMap(Whereabouts::line)
                .flatMap(line -> courses.values().stream().filter(course -> course.isTo(line))
                        .flatMap(course -> course.behindDoor().stream()).findFirst())
                .orElse(Way.DIRECT);
    }

    @Override
    public ManagedChannel to(String address, Set<Role> wanted, Consumer<NettyChannelBuilder> options) {
        Optional<Whereabouts> member = Whereabouts.parse(address).filter(found -> found.line().isPresent());
        if (member.isEmpty()) {
            return links.to(address, wanted, options);
        }
        var course = new Course(member.get());
        ManagedChannel made = links.to(Whereabouts.memberOf(course.line()), wanted, channel -> {
            options.accept(channel);
            route(channel, course);
        });
        courses.keySet().removeIf(ManagedChannel::isTerminated);
        courses.put(made, course);
        return made;
    }

    @Override
    public Optional<ManagedChannel> better(ManagedChannel than, String address, Set<Role> wanted,
            Consumer<NettyChannelBuilder> options) throws InterruptedException {
        Way present = way(than);
        if (!mayImprove(present, address)) {
            return Optional.empty();
        }
        ManagedChannel other = to(address, wanted, options);
        boolean taken = false;
        try {
            taken = connects(other) && isBetter(way(other), present);
            return taken ? Optional.of(other) : Optional.empty();
        } finally {
            if (!taken) {
                other.shutdownNow();
            }
        }
    }

    /** Of a connection that there is. */
    private Way way(ManagedChannel channel) {
        return Optional.ofNullable(courses.get(channel)).flatMap(Course::behindDoor).orElse(Way.DIRECT);
    }

    /** What goes from one to the other without a third is as good as it gets, whoever of them dialled. */
    private boolean mayImprove(Way present, String address) {
        return !present.isOwn() && (Whereabouts.parse(address).flatMap(Whereabouts::direct)
                .filter(dialling::reaches).isPresent() || approach.mayImprove(present.relay()));
    }

    private boolean isBetter(Way way, Way than) {
        return !than.isOwn() && (way.isOwn() || approach.isAskedBefore(way.relay(), than.relay()));
    }

    private static boolean connects(ManagedChannel channel) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(BETTER_MILLIS);
        ConnectivityState state = channel.getState(true);
        while (state != ConnectivityState.READY) {
            var changed = new CountDownLatch(1);
            channel.notifyWhenStateChanged(state, changed::countDown);
            if (!changed.await(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return false;
            }
            state = channel.getState(true);
        }
        return true;
    }

    /** The way that gRPC recommends knows one meaning of a name in the whole process. */
    @SuppressWarnings("deprecation")
    private void route(NettyChannelBuilder channel, Course course) {
        channel.withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .nameResolverFactory(new NameResolver.Factory() {
                    @Override
                    public NameResolver newNameResolver(URI target, NameResolver.Args args) {
                        return new Route(course.member(), dialling, () -> course.open(approach));
                    }

                    @Override
                    public String getDefaultScheme() {
                        return "dns";
                    }
                });
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
