/**
 * The cluster: who is there (ZooKeeper), which plan holds (a versioned node), and how a plan becomes a pipeline that answers
 * (gRPC to the workers).
 *
 * <p>One event loop ({@link org.barnraiser.coordinator.cluster.ClusterModel}'s own thread) owns all state that changes;
 * everything that waits does so on virtual threads and reports to that loop.
 */
@NullMarked
package org.barnraiser.coordinator.cluster;

import org.jspecify.annotations.NullMarked;
