package org.barnraiser.operator.manifests;

import org.barnraiser.operator.crd.ClusterSpec;
import org.barnraiser.operator.crd.Pool;
import org.barnraiser.operator.kube.Offers;

/**
 * What manifests depend on beside the resource.
 *
 * @param coordinatorImage for clusters that name none, as the others
 */
public record Settings(String coordinatorImage, String workerImage, String zooKeeperImage, Offers offers) {

    String coordinatorImage(ClusterSpec spec) {
        return either(spec.images().coordinator(), coordinatorImage);
    }

    String workerImage(ClusterSpec spec, Pool pool) {
        return either(pool.image(), either(spec.images().worker(), workerImage));
    }

    String zooKeeperImage(ClusterSpec spec) {
        return either(spec.images().zooKeeper(), zooKeeperImage);
    }

    private static String either(String given, String fallback) {
        return given.isEmpty() ? fallback : given;
    }
}
