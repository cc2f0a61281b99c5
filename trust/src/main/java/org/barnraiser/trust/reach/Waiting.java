package org.barnraiser.trust.reach;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.barnraiser.trust.Links;

/** A member that can be called although it cannot be dialled: it keeps a line to each relay that it knows of, and comes when it is called. */
public final class Waiting implements AutoCloseable {
    private final String line;
    private final Calls calls;
    private final Answering answering;
    /** By relay; guarded by this. */
    private final Map<String, Line> lines = new HashMap<>();
    private boolean closed;
    private final CountDownLatch connected = new CountDownLatch(1);

    /**
     * Waits nowhere yet.
     *
     * @param line this member's, as {@link Whereabouts#line} names it
     * @param server where this machine's own programs reach the member
     */
    public Waiting(Links links, String line, InetSocketAddress server) {
        this.line = line;
        calls = new Calls(links);
        answering = new Answering(calls, server);
    }

    /** Waits at these relays from now on, and at no others. Never blocks. */
    public synchronized void at(List<String> relays) {
        lines.entrySet().removeIf(kept -> {
            boolean gone = !relays.contains(kept.getKey());
            if (gone) {
                kept.getValue().close();
            }
            return gone;
        });
        for (String relay : relays) {
            if (!closed) {
                lines.computeIfAbsent(relay, address -> Line.at(address, line, calls,
                        connected::countDown, summons -> answering.come(
                                summons.getAddress().isEmpty() ? address : summons.getAddress(),
                                summons.getTicket())));
            }
        }
    }

    /** Blocks until this member can be called through some relay, or until the time is over; says which. */
    public boolean awaitConnected(Duration patience) throws InterruptedException {
        return connected.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized void close() {
        closed = true;
        at(List.of());
    }
}
