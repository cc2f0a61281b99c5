package org.barnraiser.trust.reach;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.util.Iterator;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.barnraiser.proto.ListenRequest;
import org.barnraiser.proto.ReachGrpc;
import org.barnraiser.proto.Summons;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An outgoing connection to one relay, on which this member can be called; made again for as long as it takes. */
final class Line implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Line.class);
    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long LONGEST_PAUSE_MILLIS = 10_000;

    private final String relay;
    private final String name;
    private final Runnable onConnected;
    private final Consumer<Summons> onSummons;
    private final ManagedChannel channel;
    private final Thread thread;
    private volatile boolean closed;

    private Line(String relay, String name, Calls calls, Runnable onConnected, Consumer<Summons> onSummons) {
        this.relay = relay;
        this.name = name;
        this.onConnected = onConnected;
        this.onSummons = onSummons;
        channel = calls.to(relay);
        thread = Thread.ofVirtual().name("line-" + relay).unstarted(this::keep);
    }

    /**
     * Waits at a relay from now on.
     *
     * @param onConnected called each time that the relay knows of it
     * @param onSummons called on a thread that waits for it
     */
    static Line at(String relay, String name, Calls calls, Runnable onConnected, Consumer<Summons> onSummons) {
        var line = new Line(relay, name, calls, onConnected, onSummons);
        line.thread.start();
        return line;
    }

    private void keep() {
        long pause = FIRST_PAUSE_MILLIS;
        try {
            while (!closed) {
                boolean waited = listen();
                pause = waited ? FIRST_PAUSE_MILLIS : Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
                Thread.sleep(pause / 2 + ThreadLocalRandom.current().nextLong(pause));
                channel.resetConnectBackoff();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the line is closed
        }
    }

    /** Says whether the relay was reached. */
    private boolean listen() {
        boolean waited = false;
        try {
            Iterator<Summons> summonses = ReachGrpc.newBlockingStub(channel)
                    .listen(ListenRequest.newBuilder().setLine(name).build());
            while (summonses.hasNext()) {
                Summons summons = summonses.next();
                waited = true;
                if (summons.getTicket().isEmpty()) {
                    onConnected.run();
                    LOG.info("This member can be called through {}.", relay);
                } else {
                    onSummons.accept(summons);
                }
            }
        } catch (StatusRuntimeException e) {
            if (!closed && waited) {
                LOG.info("The line to the relay {} is gone, and is made again: {}", relay, e.getStatus().getCode());
            }
        }
        return waited;
    }

    @Override
    public void close() {
        closed = true;
        channel.shutdownNow();
        thread.interrupt();
    }
}
