package org.barnraiser.operator.manifests;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.barnraiser.operator.crd.InferenceCluster;
import org.barnraiser.operator.crd.Pool;

/** Everything that one cluster is to consist of. */
public final class Manifests {

    private Manifests() {}

    /**
     * What varies from moment to moment.
     *
     * @param workers how many each pool has now, by its name
     * @param coordinators how many there are to be now
     * @param secrets as they are now
     */
    public record Moment(Map<String, Integer> workers, int coordinators, Secrets secrets) {}

    /** In the order in which they are to be applied. */
    public static List<Manifest> of(InferenceCluster cluster, Settings settings, Moment moment) {
        List<Manifest> all = new ArrayList<>();
        if (cluster.spec().zooKeeper().managed()) {
            all.addAll(new ZooKeeperManifests(cluster, settings).all());
        }
        CoordinatorManifests coordinators = new CoordinatorManifests(cluster, settings, moment.secrets());
        all.add(coordinators.service());
        coordinators.peers().ifPresent(all::add);
        all.add(coordinators.deployment(moment.coordinators()));
        WorkerManifests workers = new WorkerManifests(cluster, settings, moment.secrets());
        all.add(workers.service());
        for (Pool pool : cluster.spec().pools()) {
            int replicas = moment.workers().getOrDefault(pool.name(), 0);
            moment.secrets().trust()
                    .ifPresent(trust -> all.add(SecretManifests.invitations(cluster, pool, trust, replicas)));
            all.add(workers.pool(pool, replicas));
        }
        PolicyManifests policies = new PolicyManifests(cluster, settings);
        all.addAll(policies.disruptionBudgets());
        all.addAll(policies.networkPolicies());
        ExposureManifests exposure = new ExposureManifests(cluster, settings);
        exposure.ingress().ifPresent(all::add);
        exposure.serviceMonitor().ifPresent(all::add);
        return all;
    }
}
