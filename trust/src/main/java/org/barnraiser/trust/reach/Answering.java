package org.barnraiser.trust.reach;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a member does that is summoned: it dials out, and joins that connection to its own server. Thread-safe; never blocks. */
final class Answering {
    private static final Logger LOG = LoggerFactory.getLogger(Answering.class);
    private static final int MOST_AT_ONCE = 256;
    private static final int CONNECT_MILLIS = 2_000;

    private final Calls calls;
    private final InetSocketAddress server;
    private final Semaphore room = new Semaphore(MOST_AT_ONCE);

    /** @param server where this machine's own programs reach the member */
    Answering(Calls calls, InetSocketAddress server) {
        this.calls = calls;
        this.server = server;
    }

    void come(String address, ByteString ticket) {
        if (!room.tryAcquire()) {
            LOG.warn("A call through {} is not taken: {} are being carried already.", address, MOST_AT_ONCE);
            return;
        }
        var _ = calls.answer(address, ticket, room::release).whenComplete((call, failure) -> {
            if (call == null) {
                LOG.debug("A call through {} could not be answered: {}", address, failure.getMessage());
            } else {
                Thread.ofVirtual().name("answer").start(() -> join(call));
            }
        });
    }

    private void join(CallPipe call) {
        var socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.connect(server, CONNECT_MILLIS);
            var _ = SocketPipe.join(socket, call);
        } catch (IOException e) {
            LOG.warn("A call cannot be answered, as this member's own server does not: {}", e.getMessage());
            call.end();
        }
    }
}
