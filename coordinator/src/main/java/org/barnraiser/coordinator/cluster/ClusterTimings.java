package org.barnraiser.coordinator.cluster;

import java.time.Duration;

/**
 * How long the coordinator waits for what.
 *
 * @param settle after a change of membership, until it is acted upon, so that many changes make one plan
 * @param workerGrace how long the first plan waits for the wanted number of workers
 * @param call deadline of a short call to a worker
 * @param rollCall deadline of the question whether a worker is there, and whether it reaches another one; readers wait for it
 * @param loadStall how long a loading stage may say nothing; llama.cpp says nothing while it reads a file. A worker whose connection is
 *        gone is noticed long before
 * @param probe how long a real token may take to cross every stage of a pipeline that was loaded for it
 * @param retry from a failed attempt to the next one; doubled with each further failure
 * @param retryLimit to which it is doubled
 * @param pulse from one sign of life of a worker to the next
 * @param silence without a sign of life, until a worker in the same house counts as lost
 * @param stall without a step getting anywhere, until the ways between the machines are looked at
 * @param avoidance how long a machine that failed is passed over, when others can do without it
 * @param moveDelay from the moment a better plan may be possible until one is looked for
 */
public record ClusterTimings(Duration settle, Duration workerGrace, Duration call, Duration rollCall,
        Duration loadStall, Duration probe, Duration retry, Duration retryLimit, Duration pulse, Duration silence,
        Duration stall, Duration avoidance, Duration moveDelay) {

    public static ClusterTimings standard() {
        return new ClusterTimings(Duration.ofMillis(500), Duration.ofSeconds(30), Duration.ofSeconds(10),
                Duration.ofSeconds(1), Duration.ofMinutes(15), Duration.ofMinutes(2), Duration.ofSeconds(1),
                Duration.ofSeconds(30), Duration.ofMillis(250), Duration.ofMillis(1750), Duration.ofSeconds(2),
                Duration.ofMinutes(3), Duration.ofSeconds(3));
    }

    ClusterTimings withSettle(Duration wait) {
        return new ClusterTimings(wait, workerGrace, call, rollCall, loadStall, probe, retry, retryLimit, pulse,
                silence, stall, avoidance, moveDelay);
    }

    ClusterTimings withWorkerGrace(Duration wait) {
        return new ClusterTimings(settle, wait, call, rollCall, loadStall, probe, retry, retryLimit, pulse, silence,
                stall, avoidance, moveDelay);
    }

    ClusterTimings withRollCall(Duration wait) {
        return new ClusterTimings(settle, workerGrace, call, wait, loadStall, probe, retry, retryLimit, pulse,
                silence, stall, avoidance, moveDelay);
    }

    ClusterTimings withLoadStall(Duration wait) {
        return new ClusterTimings(settle, workerGrace, call, rollCall, wait, probe, retry, retryLimit, pulse, silence,
                stall, avoidance, moveDelay);
    }

    ClusterTimings withProbe(Duration wait) {
        return new ClusterTimings(settle, workerGrace, call, rollCall, loadStall, wait, retry, retryLimit, pulse,
                silence, stall, avoidance, moveDelay);
    }

    ClusterTimings withRetry(Duration wait) {
        return new ClusterTimings(settle, workerGrace, call, rollCall, loadStall, probe, wait, retryLimit, pulse,
                silence, stall, avoidance, moveDelay);
    }

    ClusterTimings withSilence(Duration wait) {
        return new ClusterTimings(settle, workerGrace, call, rollCall, loadStall, probe, retry, retryLimit, pulse,
                wait, stall, avoidance, moveDelay);
    }

    ClusterTimings withAvoidance(Duration wait) {
        return new ClusterTimings(settle, workerGrace, call, rollCall, loadStall, probe, retry, retryLimit, pulse,
                silence, stall, wait, moveDelay);
    }

    ClusterTimings withMoveDelay(Duration wait) {
        return new ClusterTimings(settle, workerGrace, call, rollCall, loadStall, probe, retry, retryLimit, pulse,
                silence, stall, avoidance, wait);
    }
}
