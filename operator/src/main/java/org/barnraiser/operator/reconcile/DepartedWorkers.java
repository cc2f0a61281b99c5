package org.barnraiser.operator.reconcile;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barnraiser.operator.crd.InferenceCluster;
import org.barnraiser.operator.manifests.Names;
import org.barnraiser.operator.manifests.Names.Component;
import org.barnraiser.operator.scale.ScaleState;

/**
 * Finds workers whose pods were scaled away for good and whose certificates still count. Nothing need be remembered: the coordinators know
 * whom they let in. Pure functions.
 */
final class DepartedWorkers {
    private static final Pattern POD = Pattern.compile("([a-z0-9-]+)-(\\d{1,6})");

    private DepartedWorkers() {}

    /**
     * Their names.
     *
     * @param replicas of each pool from now on
     */
    static List<String> of(InferenceCluster cluster, Observation seen, Map<String, Integer> replicas,
            ScaleState scale) {
        // Those that sleep come back.
        if (scale.asleep() || seen.report().isEmpty()) {
            return List.of();
        }
        return seen.report().get().certified().stream().sorted()
                .filter(worker -> isGone(Names.of(cluster), seen, replicas, worker)).toList();
    }

    private static boolean isGone(Names names, Observation seen, Map<String, Integer> replicas, String worker) {
        Matcher pod = POD.matcher(worker);
        String begin = names.of(Component.WORKER) + "-";
        // Machines outside the cluster have names of their own.
        if (!pod.matches() || !pod.group(1).startsWith(begin)) {
            return false;
        }
        String pool = pod.group(1).substring(begin.length());
        int kept = Math.max(replicas.getOrDefault(pool, 0), seen.replicas().getOrDefault(pool, 0));
        return Integer.parseInt(pod.group(2)) >= kept
                && seen.workers().stream().noneMatch(there -> there.name().equals(worker));
    }
}
