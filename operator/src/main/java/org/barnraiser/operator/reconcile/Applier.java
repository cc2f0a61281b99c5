package org.barnraiser.operator.reconcile;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.barnraiser.operator.kube.KubeApi;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.operator.manifests.Manifest;

/**
 * Brings objects to what they are to be: those that have changed at once, all of them now and then, as others may have changed them too.
 * Owned by who reconciles one cluster.
 */
final class Applier {
    private static final Duration AGAIN = Duration.ofMinutes(1);

    private final KubeApi api;
    /** What was applied last, by path. */
    private final Map<String, String> applied = new HashMap<>();
    private Set<String> deleted = Set.of();
    private long allNanos = System.nanoTime() - AGAIN.toNanos();

    Applier(KubeApi api) {
        this.api = api;
    }

    /** @param unwanted paths of what is to be gone */
    void apply(List<Manifest> wanted, List<String> unwanted) throws KubeException {
        boolean all = System.nanoTime() - allNanos >= AGAIN.toNanos();
        for (Manifest manifest : wanted) {
            String body = manifest.body().toString();
            if (all || !body.equals(applied.get(manifest.path()))) {
                api.apply(manifest.path(), manifest.body());
                applied.put(manifest.path(), body);
            }
        }
        Set<String> gone = Set.copyOf(unwanted);
        if (all || !gone.equals(deleted)) {
            for (String path : unwanted) {
                api.delete(path, OptionalInt.empty());
            }
            deleted = gone;
        }
        applied.keySet().retainAll(wanted.stream().map(Manifest::path).collect(Collectors.toSet()));
        if (all) {
            allNanos = System.nanoTime();
        }
    }

    /** Has everything applied the next time. */
    void forget() {
        applied.clear();
        allNanos = System.nanoTime() - AGAIN.toNanos();
    }
}
