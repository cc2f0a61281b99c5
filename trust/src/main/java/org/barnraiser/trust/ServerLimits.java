package org.barnraiser.trust;

import java.time.Duration;

/**
 * What a gRPC server bears from those whom it does not know yet, and from those who fell silent.
 *
 * @param connections open at the same time
 * @param connectionsPerAddress of those; this machine's own, where a relay may run, are not counted
 * @param handshake after which a connection is closed that has not begun to speak
 * @param keepAlive after so much silence a peer is asked whether it is there
 * @param keepAliveTimeout how long it may take to say so
 */
record ServerLimits(int connections, int connectionsPerAddress, Duration handshake, Duration keepAlive,
        Duration keepAliveTimeout) {
    /** For a cluster of some hundred machines, all of which may stand behind one router. */
    static final ServerLimits USUAL = new ServerLimits(2_048, 512, Duration.ofSeconds(10), Duration.ofSeconds(20),
            Duration.ofSeconds(10));
}
