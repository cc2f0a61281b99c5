package org.barnraiser.operator.reconcile;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.barnraiser.operator.crd.InferenceCluster;
import org.barnraiser.operator.kube.Tree;
import org.barnraiser.operator.reconcile.Observation.Pod;
import org.barnraiser.operator.reconcile.Observation.WorkerSet;
import org.barnraiser.operator.scale.ScaleState;
import org.barnraiser.operator.watch.ClusterReport;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DepartedWorkersTest {
    private static final InferenceCluster TOWN = InferenceCluster
            .read(Tree.parse("{\"metadata\":{\"namespace\":\"n\",\"name\":\"town\"},\"spec\":{}}"));
    private static final Set<String> CERTIFIED = Set.of("town-worker-hall-0", "town-worker-hall-1",
            "town-worker-hall-2", "town-worker-hall-x", "town-worker-former-0", "attic", "other-worker-hall-7",
            "../keys-9");

    private static ScaleState desired(int workers) {
        return new ScaleState(workers, 1, Instant.EPOCH, Instant.EPOCH, Instant.EPOCH);
    }

    /** The pool "hall" has one worker, and these pods. */
    private static List<String> departed(ScaleState scale, int replicasToBe, String... pods) {
        ClusterReport report = new ClusterReport("m", "", true, "", 1, 1, List.of(), List.of(), 0, 0, 0, CERTIFIED);
        List<Pod> there = List.of(pods).stream()
                .map(name -> new Pod(name, name, "hall", "r", "", "", true, true, true)).toList();
        Observation seen = new Observation(there, List.of(), Map.of("hall", new WorkerSet("s", "hall", 1, "r", true)),
                Optional.of(report));
        return DepartedWorkers.of(TOWN, seen, Map.of("hall", replicasToBe), scale);
    }

    @Test
    void workers_beyond_their_pools_size_are_gone_for_good_once_their_pods_are() {
        assertThat(departed(desired(1), 1)).containsExactly("town-worker-former-0", "town-worker-hall-1",
                "town-worker-hall-2");
        assertThat(departed(desired(1), 1, "town-worker-hall-1", "town-worker-former-0"))
                .containsExactly("town-worker-hall-2");
    }

    @Test
    void workers_that_are_about_to_come_are_not() {
        assertThat(departed(desired(3), 3)).containsExactly("town-worker-former-0");
    }

    @Test
    void workers_that_sleep_come_back() {
        assertThat(departed(desired(0), 0)).isEmpty();
    }
}
