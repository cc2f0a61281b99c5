package org.barnraiser.coordinator.api;

import java.time.Duration;

/**
 * How the HTTP server listens, and what it accepts at most.
 *
 * @param host address to listen on; the default is this machine alone
 * @param port port to listen on; 0 takes a free one
 * @param maxBodyBytes a longer request body is refused with 413
 * @param maxMessages messages that one chat request may hold
 * @param heartbeat pause after which a stream without text gets a comment, so that a vanished client is noticed
 * @param idleTimeout a connection that moves no byte for this long is closed; also the longest a blocked write waits
 * @param maxGenerationTime a request is ended with an error after this time
 * @param maxQueuedTokens sampled tokens that wait for a slow client; with one more the client is dropped
 * @param shutdownGrace how long running answers may finish after {@link HttpServer#close()}
 * @param patience how long a request that comes while machines take over from others waits for the model
 */
public record HttpServerConfig(String host, int port, int maxBodyBytes, int maxMessages, Duration heartbeat,
        Duration idleTimeout, Duration maxGenerationTime, int maxQueuedTokens, Duration shutdownGrace,
        Duration patience) {

    public HttpServerConfig {
        requireBetween("port", port, 0, 65_535);
        requireBetween("maxBodyBytes", maxBodyBytes, 1, 1 << 30);
        requireBetween("maxMessages", maxMessages, 1, 1_000_000);
        requireBetween("maxQueuedTokens", maxQueuedTokens, 1, 1_000_000);
        requirePositive("heartbeat", heartbeat);
        requirePositive("idleTimeout", idleTimeout);
        requirePositive("maxGenerationTime", maxGenerationTime);
    }

    /** The limits that suit a community's machine, on the loopback address. */
    public static HttpServerConfig onPort(int port) {
        return new HttpServerConfig("127.0.0.1", port, 8 << 20, 2_000, Duration.ofSeconds(1), Duration.ofSeconds(30),
                Duration.ofHours(1), 2_048, Duration.ofSeconds(5), Duration.ofSeconds(60));
    }

    public HttpServerConfig withHost(String newHost) {
        return new HttpServerConfig(newHost, port, maxBodyBytes, maxMessages, heartbeat, idleTimeout, maxGenerationTime,
                maxQueuedTokens, shutdownGrace, patience);
    }

    public HttpServerConfig withPatience(Duration newPatience) {
        return new HttpServerConfig(host, port, maxBodyBytes, maxMessages, heartbeat, idleTimeout, maxGenerationTime,
                maxQueuedTokens, shutdownGrace, newPatience);
    }

    public HttpServerConfig withShutdownGrace(Duration newGrace) {
        return new HttpServerConfig(host, port, maxBodyBytes, maxMessages, heartbeat, idleTimeout, maxGenerationTime,
                maxQueuedTokens, newGrace, patience);
    }

    private static void requireBetween(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be " + least + " to " + most);
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be more than zero");
        }
    }
}
