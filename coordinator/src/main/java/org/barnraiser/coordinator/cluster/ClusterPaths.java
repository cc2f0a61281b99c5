package org.barnraiser.coordinator.cluster;

/** Where things lie in ZooKeeper. Workers know {@link #WORKERS} by the same name. */
final class ClusterPaths {
    /** Ephemeral nodes {@code <worker id>-<incarnation id>}: a fixed name would flap after a fast restart. */
    static final String WORKERS = "/barnraiser/services/worker";
    /** Ephemeral nodes by coordinator id. */
    static final String COORDINATORS = "/barnraiser/services/coordinator";
    static final String LEADER = "/barnraiser/leader";
    /** Persistent, versioned nodes by model digest; never deleted. */
    static final String PLANS = "/barnraiser/plans";

    private ClusterPaths() {}
}
