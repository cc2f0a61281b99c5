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
    /** A worker that was never heard of may still be starting. */
    private static final int PATIENCE_WITH_STARTERS = 5;

    private final Duration patience;
    /** By uid of the pod. */
    private final Map<String, Long> sinceNanos = new HashMap<>();
    /** Uids of pods whose workers were heard of. */
    private final Set<String> heard = new HashSet<>();

    /** @param patience how long a worker may be silent that was heard of before */
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
        heard.retainAll(observation.workers().stream().map(Pod::uid).toList());
        observation.workers().stream().filter(observation::isRegistered).map(Pod::uid).forEach(heard::add);
        Set<String> uids = new HashSet<>(silent.stream().map(Pod::uid).toList());
        sinceNanos.keySet().retainAll(uids);
        silent.forEach(pod -> sinceNanos.putIfAbsent(pod.uid(), nowNanos));
        return silent.stream().filter(pod -> nowNanos - sinceNanos.getOrDefault(pod.uid(), nowNanos) >= patience(pod))
                .findFirst();
    }

    private long patience(Pod pod) {
        return patience.toNanos() * (heard.contains(pod.uid()) ? 1 : PATIENCE_WITH_STARTERS);
    }
}
