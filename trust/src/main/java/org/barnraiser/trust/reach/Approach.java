package org.barnraiser.trust.reach;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets to members that cannot be dialled: lets them dial this one where that works, else meets them at a relay. Both are tried, the better
 * one a little earlier, and what failed is not tried again for a while.
 */
final class Approach {
    private static final Logger LOG = LoggerFactory.getLogger(Approach.class);
    private static final long HEAD_START_MILLIS = 2_000;
    /** For a relay that says nothing; one that is gone, or where nobody waits, says so soon. */
    private static final long RELAY_MILLIS = 2_500;
    private static final long FAILED_NANOS = 60_000_000_000L;

    private final Calls calls;
    private final ReachService own;
    private final Supplier<Optional<String>> ownAddress;
    private final Supplier<List<String>> relays;
    /** When somebody last could not dial this member, as nobody can who comes from outside; 0 when the last one could. */
    private volatile long reversalFailedNanos;

    /** @param pipe not joined to anything yet */
    record Arrival(CallPipe pipe, Way way) {}

    /**
     * @param own where those come that are summoned to here
     * @param ownAddress by which others may reach this member; empty when they cannot
     * @param relays to try in this order
     */
    Approach(Calls calls, ReachService own, Supplier<Optional<String>> ownAddress, Supplier<List<String>> relays) {
        this.calls = calls;
        this.own = own;
        this.ownAddress = ownAddress;
        this.relays = relays;
    }

    /** Blocks until there is a connection to whoever waits on the line; empty when there is none within seconds. */
    Optional<Arrival> to(String line) throws InterruptedException {
        Optional<CompletableFuture<CallPipe>> here = own.awaitFromLine(line);
        if (here.isPresent()) {
            Optional<CallPipe> come = within(here.get(), Tickets.PATIENCE_MILLIS);
            if (come.isPresent()) {
                return come.map(pipe -> new Arrival(pipe, Way.REVERSED));
            }
        }
        return race(line);
    }

    /**
     * Whether a new connection may get there by a better way than one that is relayed. Never blocks.
     *
     * @param relay which carries that one
     */
    boolean mayImprove(String relay) {
        return (ownAddress.get().isPresent() && mayReverse())
                || relays.get().stream().findFirst().filter(best -> !best.equals(relay)).isPresent();
    }

    /** Whether the first relay is asked before the second. */
    boolean isAskedBefore(String first, String second) {
        List<String> order = relays.get();
        int place = order.indexOf(first);
        return place >= 0 && (order.indexOf(second) < 0 || place < order.indexOf(second));
    }

    private Optional<Arrival> race(String line) throws InterruptedException {
        var first = new CompletableFuture<Arrival>();
        List<CompletableFuture<?>> running = new ArrayList<>();
        Optional<String> address = ownAddress.get().filter(_ -> mayReverse());
        if (address.isPresent()) {
            running.add(offer(reversed(line, address.get()), Way.REVERSED, first));
            await(running.getLast(), first, HEAD_START_MILLIS);
        }
        for (String relay : relays.get()) {
            if (first.isDone()) {
                break;
            }
            running.add(offer(calls.connect(relay, line), Way.relayed(relay), first));
            await(running.getLast(), first, RELAY_MILLIS);
        }
        await(CompletableFuture.allOf(running.toArray(new CompletableFuture<?>[0])), first, Tickets.PATIENCE_MILLIS);
        // Whoever comes from now on finds the place taken and leaves.
        first.cancel(false);
        return first.isCancelled() ? Optional.empty() : Optional.of(first.join());
    }

    /** Until one of both is done, in whatever way, or the time is over. */
    private static void await(CompletableFuture<?> attempt, CompletableFuture<?> success, long millis)
            throws InterruptedException {
        var _ = within(CompletableFuture.anyOf(attempt, success), millis);
    }

    private boolean mayReverse() {
        long failed = reversalFailedNanos;
        return failed == 0 || System.nanoTime() - failed > FAILED_NANOS;
    }

    private CompletableFuture<CallPipe> reversed(String line, String address) {
        var arrived = new CompletableFuture<CallPipe>();
        Thread.ofVirtual().name("summon").start(() -> {
            CompletableFuture<CallPipe> comer = own.await(ticket -> summon(line, ticket, address))
                    .orElseGet(() -> CompletableFuture.failedFuture(new IOException("Nobody could be summoned.")));
            var _ = comer.whenComplete((pipe, failure) -> {
                reversalFailedNanos = pipe == null ? System.nanoTime() : 0;
                if (pipe == null) {
                    arrived.completeExceptionally(failure);
                } else {
                    arrived.complete(pipe);
                }
            });
        });
        return arrived;
    }

    private boolean summon(String line, Tickets.Ticket ticket, String address) {
        for (String relay : relays.get()) {
            try {
                calls.summon(relay, line, ticket.secret(), address);
                return true;
            } catch (StatusRuntimeException e) {
                LOG.debug("{} summons nobody: {}", relay, e.getStatus());
            }
        }
        return false;
    }

    /** The first that succeeds is taken; those that come later are sent away. */
    private static CompletableFuture<?> offer(CompletableFuture<CallPipe> coming, Way way,
            CompletableFuture<Arrival> first) {
        return coming.handle((pipe, _) -> {
            if (pipe != null && !first.complete(new Arrival(pipe, way))) {
                pipe.end();
            }
            return way;
        });
    }

    private static <T> Optional<T> within(CompletableFuture<T> future, long millis) throws InterruptedException {
        try {
            return Optional.ofNullable(future.get(millis, TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException | CancellationException _) {
            return Optional.empty();
        }
    }
}
