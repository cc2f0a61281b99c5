package org.barnraiser.trust.reach;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.barnraiser.proto.Carried;
import org.barnraiser.proto.ListenRequest;
import org.barnraiser.proto.ReachGrpc;
import org.barnraiser.proto.SummonRequest;
import org.barnraiser.proto.SummonResponse;
import org.barnraiser.proto.Summons;
import org.barnraiser.trust.Identity;

/**
 * Where members wait to be called, and where those come that were summoned. Who may call is for the server's admission to say; a member
 * waits under its own name alone. It reads no byte of what it carries. Never blocks.
 */
public final class ReachService extends ReachGrpc.ReachImplBase {
    private static final int MOST_LINES = 1_024;
    private static final int MOST_CARRIED = 512;
    private static final int MOST_CARRIED_OF_ONE = 64;
    /** From the beginning of a call until it says what it is for. */
    private static final long FIRST_MESSAGE_MILLIS = 5_000;

    private final Lines lines;
    private final Tickets tickets = new Tickets();
    private final Crowd carried = new Crowd(MOST_CARRIED_OF_ONE, MOST_CARRIED);

    private ReachService(int mostLines) {
        lines = new Lines(mostLines);
    }

    /** At which others wait, and which carries. */
    public static ReachService relay() {
        return new ReachService(MOST_LINES);
    }

    /** To which those come alone that this member has summoned itself. */
    public static ReachService member() {
        return new ReachService(0);
    }

    boolean hasLine(String line) {
        return lines.has(line);
    }

    /**
     * Awaits somebody who is summoned by the given means.
     *
     * @param summon says whether the summons is on its way
     * @return empty when nobody can be summoned; else it ends, well or exceptionally, within seconds
     */
    Optional<CompletableFuture<CallPipe>> await(Predicate<Tickets.Ticket> summon) {
        Optional<Tickets.Ticket> ticket = tickets.issue();
        if (ticket.isEmpty()) {
            return Optional.empty();
        }
        if (!summon.test(ticket.get())) {
            ticket.get().comer().cancel(false);
            return Optional.empty();
        }
        return Optional.of(ticket.get().comer());
    }

    /** The same for whoever waits on a line here. */
    Optional<CompletableFuture<CallPipe>> awaitFromLine(String line) {
        return await(ticket -> lines.summon(line, Summons.newBuilder().setTicket(ticket.secret()).build()));
    }

    @Override
    public void listen(ListenRequest request, StreamObserver<Summons> response) {
        String line = request.getLine();
        if (!Whereabouts.isLine(line) || Identity.ofCaller()
                .filter(caller -> !caller.id().equals(Whereabouts.memberOf(line))).isPresent()) {
            response.onError(Status.PERMISSION_DENIED.withDescription("That is not the name of this member's line.")
                    .asRuntimeException());
            return;
        }
        lines.add(line, (ServerCallStreamObserver<Summons>) response);
    }

    @Override
    public void summon(SummonRequest request, StreamObserver<SummonResponse> response) {
        if (!Whereabouts.isAddress(request.getAddress())) {
            response.onError(Status.INVALID_ARGUMENT.withDescription("The address is not host:port.")
                    .asRuntimeException());
        } else if (lines.summon(request.getLine(), Summons.newBuilder().setTicket(request.getTicket())
                .setAddress(request.getAddress()).build())) {
            response.onNext(SummonResponse.getDefaultInstance());
            response.onCompleted();
        } else {
            response.onError(nobody().asRuntimeException());
        }
    }

    private static Status nobody() {
        return Status.NOT_FOUND.withDescription("Nobody waits on that line.");
    }

    @Override
    public StreamObserver<Carried> connect(StreamObserver<Carried> response) {
        return open(response, (caller, first) -> {
            Optional<CompletableFuture<CallPipe>> comer = awaitFromLine(first.getLine());
            if (comer.isEmpty()) {
                caller.refuse(nobody());
                return;
            }
            var _ = comer.get().whenComplete((called, _) -> {
                if (called == null) {
                    caller.refuse(Status.UNAVAILABLE.withDescription("Whoever waits on that line has not come."));
                } else {
                    join(caller, called);
                }
            });
        });
    }

    private static void join(CallPipe caller, CallPipe called) {
        caller.say(Carried.getDefaultInstance());
        called.joinTo(caller);
        caller.joinTo(called);
    }

    @Override
    public StreamObserver<Carried> answer(StreamObserver<Carried> response) {
        return open(response, (comer, first) -> {
            if (!tickets.redeem(first.getTicket(), comer)) {
                comer.refuse(Status.PERMISSION_DENIED.withDescription("Nobody awaits this ticket."));
            }
        });
    }

    private StreamObserver<Carried> open(StreamObserver<Carried> response, BiConsumer<CallPipe, Carried> onFirst) {
        var call = (ServerCallStreamObserver<Carried>) response;
        call.disableAutoRequest();
        String member = Identity.ofCaller().map(Identity::toString).orElse("");
        if (!carried.enter(member)) {
            call.onError(Status.RESOURCE_EXHAUSTED.withDescription("Too many connections are carried here already.")
                    .asRuntimeException());
            return new Deaf();
        }
        var spoken = new CompletableFuture<Carried>();
        var pipe = new CallPipe(call, spoken::complete, () -> carried.leave(member));
        call.setOnCancelHandler(() -> pipe.onError(Status.CANCELLED.asRuntimeException()));
        var _ = spoken.orTimeout(FIRST_MESSAGE_MILLIS, TimeUnit.MILLISECONDS).whenComplete((first, _) -> {
            if (first == null) {
                pipe.refuse(Status.DEADLINE_EXCEEDED.withDescription("The call has not said what it is for."));
            } else {
                onFirst.accept(pipe, first);
            }
        });
        call.request(1);
        return pipe;
    }

    /** Hears what comes of a call that was refused. */
    private static final class Deaf implements StreamObserver<Carried> {
        @Override
        public void onNext(Carried message) {}

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {}
    }
}
