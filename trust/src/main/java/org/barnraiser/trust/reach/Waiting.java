package org.barnraiser.trust.reach;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.barnraiser.trust.Links;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A member that can be called although it cannot be dialled: it keeps a line to each relay that it knows of, and comes when it is called. */
public final class Waiting implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Waiting.class);

    private final String line;
    private final Calls calls;
    private final Answering answering;
    /** By relay; guarded by this. */
    private final Map<String, Line> lines = new HashMap<>();
    private boolean closed;
    private final CountDownLatch connected = new CountDownLatch(1);
    private final Thread footing;

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
        footing = Footing.watch(this::renew);
    }

    /** Makes every line anew: of those that are there nobody knows whether they still lead anywhere. */
    private synchronized void renew() {
        LOG.info("This machine has slept, or its addresses have changed: its lines are made anew.");
        lines.replaceAll((relay, before) -> {
            before.close();
            return lineTo(relay);
        });
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
                lines.computeIfAbsent(relay, this::lineTo);
            }
        }
    }

    private Line lineTo(String relay) {
        return Line.at(relay, line, calls, connected::countDown, summons -> answering.come(
                summons.getAddress().isEmpty() ? relay : summons.getAddress(), summons.getTicket()));
    }

    /** Blocks until this member can be called through some relay, or until the time is over; says which. */
    public boolean awaitConnected(Duration patience) throws InterruptedException {
        return connected.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        footing.interrupt();
        synchronized (this) {
            closed = true;
            at(List.of());
        }
    }
}
