package org.barnraiser.operator.reconcile;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.barnraiser.operator.reconcile.Observation.Pod;

/**
 * Finds pods that Kubernetes takes for sound and that are none: their workers give the coordinator no sign of life. Remembers since when; owned
 * by who reconciles one cluster.
 */
final class SilentWorkers {
    private final Duration patience;
    /** By uid of the pod. */
    private final Map<String, Long> sinceNanos = new HashMap<>();

    /** @param patience how long a worker may be silent */
    SilentWorkers(Duration patience) {
        this.patience = patience;
    }

    /** One pod to be replaced, if any has been silent for too long. */
    Optional<Pod> next(Observation observation, long nowNanos) {
        if (observation.report().isEmpty()) {
            // Who is silent is not known: time does not count against anybody.
            sinceNanos.clear();
            return Optional.empty();
        }
        List<Pod> silent = observation.workers().stream()
                .filter(pod -> pod.running() && !pod.leaving() && !observation.isRegistered(pod)).toList();
        Set<String> uids = new HashSet<>(silent.stream().map(Pod::uid).toList());
        sinceNanos.keySet().retainAll(uids);
        silent.forEach(pod -> sinceNanos.putIfAbsent(pod.uid(), nowNanos));
        return silent.stream().filter(pod -> nowNanos - sinceNanos.getOrDefault(pod.uid(), nowNanos) >= patience
                .toNanos()).findFirst();
    }
}
