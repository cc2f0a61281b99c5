package org.barnraiser.trust.reach;

import com.google.protobuf.ByteString;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.Carried;

/** Who is awaited after a summons: whoever shows the ticket, which is random and good once and for some seconds. Thread-safe; never blocks. */
final class Tickets {
    static final long PATIENCE_MILLIS = 5_000;
    private static final int TICKET_BYTES = 32;
    private static final int MOST = 1_024;

    private final SecureRandom random = new SecureRandom();
    private final Map<ByteString, CompletableFuture<CallPipe>> awaited = new ConcurrentHashMap<>();

    /**
     * @param comer ends exceptionally when nobody came in time
     */
    record Ticket(ByteString secret, CompletableFuture<CallPipe> comer) {}

    /** Empty when too many are awaited already. */
    Optional<Ticket> issue() {
        if (awaited.size() >= MOST) {
            return Optional.empty();
        }
        byte[] bytes = new byte[TICKET_BYTES];
        random.nextBytes(bytes);
        var ticket = new Ticket(ByteString.copyFrom(bytes), new CompletableFuture<>());
        awaited.put(ticket.secret(), ticket.comer());
        var _ = ticket.comer().orTimeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                .whenComplete((_, _) -> awaited.remove(ticket.secret()));
        return Optional.of(ticket);
    }

    /** Somebody shows a ticket: hears that it is good before a byte is passed; says whether it was. */
    boolean redeem(ByteString secret, CallPipe comer) {
        CompletableFuture<CallPipe> awaiting = awaited.remove(secret);
        if (awaiting == null || awaiting.isDone()) {
            return false;
        }
        comer.say(Carried.getDefaultInstance());
        return awaiting.complete(comer);
    }
}
