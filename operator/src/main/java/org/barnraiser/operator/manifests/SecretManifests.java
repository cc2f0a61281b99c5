package org.barnraiser.operator.manifests;

import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Secret;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.barnraiser.operator.crd.InferenceCluster;
import org.barnraiser.operator.crd.Pool;
import org.barnraiser.operator.manifests.Names.Component;
import org.barnraiser.trust.Invitation;

/** Secrets of a cluster. */
public final class SecretManifests {
    private SecretManifests() {}

    /** One that coordinators read. */
    public static Manifest ofCoordinators(InferenceCluster cluster, String name, Map<String, String> content) {
        return secret(cluster, name, Component.COORDINATOR, content);
    }

    /**
     * An invitation for each worker that a pool may come to have, called like its pod. A pod is shown no other than its own.
     *
     * @param replicas that the pool has now, which may be more than it is to have
     */
    static Manifest invitations(InferenceCluster cluster, Pool pool, Secrets.Trust trust, int replicas) {
        Names names = Names.of(cluster);
        String address = names.host(names.coordinatorPeers()) + ":" + Names.WEIGHTS_PORT;
        Map<String, String> tokens = new TreeMap<>();
        for (int i = 0; i < Math.max(pool.maxReplicas(), replicas); i++) {
            String pod = names.pool(pool.name()) + "-" + i;
            tokens.put(pod, new Invitation(address, trust.fingerprint(), trust.key().secretFor(pod)).token());
        }
        return secret(cluster, names.pool(pool.name()), Component.WORKER, tokens);
    }

    private static Manifest secret(InferenceCluster cluster, String name, Component component,
            Map<String, String> content) {
        Map<String, byte[]> data = new TreeMap<>();
        content.forEach((key, value) -> data.put(key, value.getBytes(StandardCharsets.UTF_8)));
        return Manifest.of(cluster, "secrets", new V1Secret().apiVersion("v1").kind("Secret").type("Opaque")
                .metadata(new V1ObjectMeta().name(name).labels(Names.of(cluster).labels(component))).data(data));
    }
}
