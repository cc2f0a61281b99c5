package org.barnraiser.coordinator.cluster;

import java.time.Duration;

/**
 * How long the coordinator waits for what.
 *
 * @param settle after a change of membership, until it is acted upon, so that many changes make one plan
 * @param workerGrace how long the first plan waits for the wanted number of workers
 * @param call deadline of a short call to a worker
 * @param loadStall how long a loading stage may say nothing; llama.cpp says nothing while it reads a file. A worker whose connection is
 *        gone is noticed long before
 * @param probe how long a real token may take to cross every stage
 * @param retry from a failed attempt to the next one
 */
public record ClusterTimings(Duration settle, Duration workerGrace, Duration call, Duration loadStall, Duration probe,
        Duration retry) {

    public static ClusterTimings standard() {
        return new ClusterTimings(Duration.ofMillis(500), Duration.ofSeconds(30), Duration.ofSeconds(10),
                Duration.ofMinutes(15), Duration.ofMinutes(2), Duration.ofSeconds(3));
    }
}
