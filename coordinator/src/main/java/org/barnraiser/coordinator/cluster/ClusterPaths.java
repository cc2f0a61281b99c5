package org.barnraiser.coordinator.cluster;

import org.barnraiser.trust.MemberAcls;

/** Where things lie in ZooKeeper. */
final class ClusterPaths {
    /** Ephemeral nodes {@code <worker id>-<incarnation id>}: a fixed name would flap after a fast restart. */
    static final String WORKERS = MemberAcls.WORKERS;
    /** Ephemeral nodes by coordinator id. */
    static final String COORDINATORS = "/barnraiser/services/coordinator";
    static final String LEADER = "/barnraiser/leader";
    /** Persistent, versioned nodes by model digest; never deleted. */
    static final String PLANS = "/barnraiser/plans";

    private ClusterPaths() {}
}
