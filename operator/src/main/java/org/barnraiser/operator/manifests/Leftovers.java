package org.barnraiser.operator.manifests;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.barnraiser.operator.kube.Offers;
import org.barnraiser.operator.manifests.Names.Component;

/** What a cluster may consist of besides its pools and coordinators; what it was to have once and has no more is deleted. */
public final class Leftovers {
    private Leftovers() {}

    /** Paths of objects that are not wanted, whether they exist or not. */
    public static List<String> of(Names names, Offers offers, List<Manifest> wanted) {
        String zooKeeper = names.of(Component.ZOOKEEPER);
        String coordinator = names.of(Component.COORDINATOR);
        List<String> possible = new ArrayList<>(List.of(path(names, "v1", "services", zooKeeper),
                path(names, "v1", "services", names.coordinatorPeers()),
                path(names, "v1", "services", names.zooKeeperPeers()),
                path(names, "v1", "services", names.zooKeeperExternal()),
                path(names, "v1", "configmaps", zooKeeper), path(names, "apps/v1", "statefulsets", zooKeeper),
                path(names, "networking.k8s.io/v1", "ingresses", coordinator)));
        for (Component component : Component.values()) {
            possible.add(path(names, "networking.k8s.io/v1", "networkpolicies", names.of(component)));
            if (!offers.disruptionBudgets().isEmpty()) {
                possible.add(path(names, "policy/" + offers.disruptionBudgets(), "poddisruptionbudgets",
                        names.of(component)));
            }
        }
        if (offers.serviceMonitors()) {
            possible.add(path(names, "monitoring.coreos.com/v1", "servicemonitors", coordinator));
        }
        Set<String> kept = wanted.stream().map(Manifest::path).collect(Collectors.toSet());
        possible.removeIf(kept::contains);
        return possible;
    }

    private static String path(Names names, String version, String plural, String name) {
        return Manifest.collection(version, names.namespace(), plural) + "/" + name;
    }
}
