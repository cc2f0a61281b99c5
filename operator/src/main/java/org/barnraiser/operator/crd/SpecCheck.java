package org.barnraiser.operator.crd;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.barnraiser.operator.crd.ClusterSpec.Resources;

/** What the schema cannot say, or an API server without CEL does not check. */
public final class SpecCheck {
    private static final int MAX_NAME = 30;
    private static final int MAX_POOL_NAME = 14;
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern MEMORY = Pattern.compile("[0-9]{1,9}[KMGTkmgt](i?[Bb])?");
    private static final Pattern QUANTITY = Pattern
            .compile("[0-9]{1,18}(\\.[0-9]{1,9})?(m|[kKMGTPE]i?|e[0-9]{1,2})?");

    private SpecCheck() {}

    /** Sentences that say what is wrong and what to do; none when all is well. */
    public static List<String> complaints(InferenceCluster cluster) {
        List<String> complaints = new ArrayList<>();
        ClusterSpec spec = cluster.spec();
        if (cluster.name().length() > MAX_NAME) {
            complaints.add("The name has more than " + MAX_NAME + " characters; make it shorter.");
        }
        if (spec.model().source().isBlank()) {
            complaints.add("spec.model.source is empty; name a model.");
        }
        if (spec.pools().isEmpty()) {
            complaints.add("spec.pools is empty; give at least one pool of workers.");
        }
        Set<String> names = new HashSet<>();
        for (Pool pool : spec.pools()) {
            checkPool(pool, complaints);
            if (!names.add(pool.name())) {
                complaints.add("Two pools are called " + pool.name() + "; rename one.");
            }
        }
        if (!spec.zooKeeper().managed() && spec.zooKeeper().storage().isPresent()) {
            complaints.add("spec.zookeeper.storage is for a ZooKeeper that the operator runs; leave it out with a"
                    + " connectString.");
        }
        if (spec.zooKeeper().replicas() != 1 && spec.zooKeeper().replicas() != 3) {
            complaints.add("spec.zookeeper.replicas is " + spec.zooKeeper().replicas() + "; it must be 1 or 3.");
        }
        if (!spec.coordinator().claim().isEmpty() && spec.coordinator().replicas() > 1) {
            complaints.add("spec.coordinator.claim is the folder of one coordinator, and there are to be "
                    + spec.coordinator().replicas() + "; leave it out, and give databaseSecret for the members.");
        }
        checkResources("spec.coordinator", spec.coordinator().resources(), complaints);
        spec.zooKeeper().storage()
                .ifPresent(storage -> checkQuantity("spec.zookeeper.storage.size", storage.size(), complaints));
        return List.copyOf(complaints);
    }

    private static void checkPool(Pool pool, List<String> complaints) {
        String where = "Pool " + pool.name();
        if (pool.name().length() > MAX_POOL_NAME || !NAME.matcher(pool.name()).matches()) {
            complaints.add("\"" + pool.name() + "\" is no name of a pool: use up to " + MAX_POOL_NAME
                    + " small letters, digits and dashes.");
        }
        if (pool.minReplicas() < 0 || pool.minReplicas() > pool.maxReplicas()) {
            complaints.add(where + ": minReplicas is " + pool.minReplicas() + " and maxReplicas " + pool.maxReplicas()
                    + "; the first must not be negative or greater.");
        }
        if (!MEMORY.matcher(pool.memory()).matches()) {
            complaints.add(where + ": memory " + pool.memory() + " is no size; write a number and a unit, such as 8G.");
        }
        if (!pool.llamaPath().startsWith("/")) {
            complaints.add(where + ": llamaPath must begin with a slash.");
        }
        checkResources(where, pool.resources(), complaints);
        pool.storage().ifPresent(storage -> checkQuantity(where + ": storage.size", storage.size(), complaints));
    }

    private static void checkResources(String where, Resources resources, List<String> complaints) {
        resources.requests().forEach((name, value) -> checkQuantity(where + ": request of " + name, value, complaints));
        resources.limits().forEach((name, value) -> checkQuantity(where + ": limit of " + name, value, complaints));
    }

    private static void checkQuantity(String what, String value, List<String> complaints) {
        if (!QUANTITY.matcher(value).matches()) {
            complaints.add(what + " is " + value + ", which is no quantity; write one such as 500m, 2 or 8Gi.");
        }
    }
}
