package org.barnraiser.coordinator.doctor;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.barnraiser.proto.DescribeRequest;
import org.barnraiser.proto.ReachRequest;
import org.barnraiser.proto.ReachResponse;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.proto.WorkerRecord;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.reach.ReachService;
import org.barnraiser.trust.reach.ReachingLinks;
import org.barnraiser.trust.reach.Way;

/** gRPC connections from here, one to each address or line, for as long as the examination lasts. Thread-safe. */
final class Connections implements AutoCloseable {
    private static final int MAX_MESSAGE_BYTES = 1 << 20;
    /** For an answer of another machine's own. */
    static final Duration PATIENCE = Duration.ofSeconds(4);
    /** What a worker is given to reach its neighbours; it needs time left to tell. */
    private static final Duration REACH = Duration.ofSeconds(3);

    private static final Set<Role> ANY_MEMBER = Set.of(Role.WORKER, Role.COORDINATOR);

    private final ReachingLinks links;
    private volatile List<String> relays = List.of();
    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

    Connections(Links links) {
        this.links = new ReachingLinks(links, ReachService.member(), Optional::empty, () -> relays);
    }

    /** From now on members that cannot be dialled are met there. */
    void meetAt(List<String> known) {
        relays = known;
    }

    /** How a worker was reached that could not be dialled, in words. */
    Optional<String> detour(String address) {
        Way way = links.wayTo(address);
        return way.equals(Way.DIRECT) ? Optional.empty() : Optional.of(way.words());
    }

    /** Asks a worker who it is. Blocks; throws {@link io.grpc.StatusRuntimeException}. */
    WorkerRecord describe(String address) {
        return WorkerControlGrpc.newBlockingStub(to(address))
                .withDeadlineAfter(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .describe(DescribeRequest.getDefaultInstance());
    }

    /** Asks a worker whether it reaches another address. Does not block. */
    ListenableFuture<ReachResponse> reach(String from, String to) {
        return WorkerControlGrpc.newFutureStub(to(from))
                .withDeadlineAfter(PATIENCE.plus(REACH).toMillis(), TimeUnit.MILLISECONDS)
                .reach(ReachRequest.newBuilder().setAddress(to).setTimeoutMillis((int) REACH.toMillis()).build());
    }

    /** Whether something that speaks gRPC listens there. Blocks some seconds at most. */
    boolean opens(String address) throws InterruptedException {
        CompletableFuture<Boolean> opened = new CompletableFuture<>();
        await(to(address), opened);
        try {
            return opened.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException _) {
            return false;
        }
    }

    private static void await(ManagedChannel channel, CompletableFuture<Boolean> opened) {
        ConnectivityState state = channel.getState(true);
        switch (state) {
            case READY -> opened.complete(true);
            case TRANSIENT_FAILURE, SHUTDOWN -> opened.complete(false);
            case IDLE, CONNECTING -> channel.notifyWhenStateChanged(state, () -> await(channel, opened));
        }
    }

    private ManagedChannel to(String address) {
        return channels.computeIfAbsent(address, target -> links.to(target, ANY_MEMBER,
                options -> options.maxInboundMessageSize(MAX_MESSAGE_BYTES)));
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
    }
}
