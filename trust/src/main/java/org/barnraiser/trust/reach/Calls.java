package org.barnraiser.trust.reach;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.Carried;
import org.barnraiser.proto.ReachGrpc;
import org.barnraiser.proto.SummonRequest;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Role;
import org.jspecify.annotations.Nullable;

/** The calls that a member makes to relays and to those who have summoned it. Thread-safe. */
final class Calls {
    private static final Set<Role> ANY_MEMBER = EnumSet.allOf(Role.class);
    private static final int MAX_MESSAGE_BYTES = 1 << 20;
    private static final long KEEP_ALIVE_SECONDS = 15;
    private static final long KEEP_ALIVE_TIMEOUT_SECONDS = 10;
    /** For the last bytes to get out. */
    private static final long LEAVE_SECONDS = 10;

    private final Links links;

    Calls(Links links) {
        this.links = links;
    }

    /** A connection of its own, so that a carried one that stands still keeps nobody waiting. */
    ManagedChannel to(String address) {
        return links.to(address, ANY_MEMBER, channel -> channel.directExecutor()
                .maxInboundMessageSize(MAX_MESSAGE_BYTES).keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS));
    }

    /** Asks a relay for whoever waits on a line; ends with the connection when the other side has come. Never blocks. */
    CompletableFuture<CallPipe> connect(String relay, String line) {
        return open(relay, Carried.newBuilder().setLine(line).build(), () -> {});
    }

    /**
     * Comes with a ticket; ends with the connection when it was good. Never blocks.
     *
     * @param onEnd is called once, when the connection has ended or has come to nothing
     */
    CompletableFuture<CallPipe> answer(String address, ByteString ticket, Runnable onEnd) {
        return open(address, Carried.newBuilder().setTicket(ticket).build(), onEnd);
    }

    private CompletableFuture<CallPipe> open(String address, Carried first, Runnable onEnd) {
        ManagedChannel channel = to(address);
        var opened = new CompletableFuture<CallPipe>();
        var call = new Opening(channel, opened, onEnd);
        var stub = ReachGrpc.newStub(channel);
        if (first.getLine().isEmpty()) {
            stub.answer(call);
        } else {
            stub.connect(call);
        }
        call.pipe().say(first);
        return opened.orTimeout(2 * Tickets.PATIENCE_MILLIS, TimeUnit.MILLISECONDS).whenComplete((_, failure) -> {
            if (failure != null) {
                call.pipe().end();
                channel.shutdownNow();
            }
        });
    }

    /**
     * Asks a relay to summon whoever waits on a line to this address. Blocks some seconds at most.
     *
     * @throws io.grpc.StatusRuntimeException when nobody can be summoned there
     */
    void summon(String relay, String line, ByteString ticket, String address) {
        ManagedChannel channel = to(relay);
        try {
            var _ = ReachGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(Tickets.PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                    .summon(SummonRequest.newBuilder().setLine(line).setTicket(ticket).setAddress(address).build());
        } finally {
            channel.shutdownNow();
        }
    }

    /** A call until its first answer has come. */
    private static final class Opening implements ClientResponseObserver<Carried, Carried> {
        private final ManagedChannel channel;
        private final CompletableFuture<CallPipe> opened;
        private final Runnable onEnd;
        private @Nullable CallPipe pipe;

        Opening(ManagedChannel channel, CompletableFuture<CallPipe> opened, Runnable onEnd) {
            this.channel = channel;
            this.opened = opened;
            this.onEnd = onEnd;
        }

        CallPipe pipe() {
            if (pipe == null) {
                throw new IllegalStateException("The call has not begun.");
            }
            return pipe;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<Carried> call) {
            call.disableAutoRequestWithInitial(1);
            pipe = new CallPipe(call, _ -> {
                if (!opened.complete(pipe())) {
                    pipe().end();
                }
            }, () -> {
                onEnd.run();
                channel.shutdown();
                CompletableFuture.delayedExecutor(LEAVE_SECONDS, TimeUnit.SECONDS).execute(channel::shutdownNow);
            });
        }

        @Override
        public void onNext(Carried message) {
            pipe().onNext(message);
        }

        @Override
        public void onError(Throwable error) {
            pipe().onError(error);
            opened.completeExceptionally(error);
        }

        @Override
        public void onCompleted() {
            pipe().onCompleted();
            opened.completeExceptionally(Status.UNAVAILABLE.withDescription("The call was ended.").asException());
        }
    }
}
