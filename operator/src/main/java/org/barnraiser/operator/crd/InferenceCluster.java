package org.barnraiser.operator.crd;

import java.time.Instant;
import java.util.Optional;
import org.barnraiser.operator.kube.Tree;

/**
 * One InferenceCluster as the API server has it.
 *
 * @param deletingSince present once somebody deleted it
 * @param finalizer whether it carries {@link #FINALIZER}
 * @param status as it was last written
 */
public record InferenceCluster(String namespace, String name, String uid, long generation, String resourceVersion,
        Optional<Instant> deletingSince, boolean finalizer, ClusterSpec spec, Tree status) {
    public static final String GROUP = "barnraiser.org";
    public static final String API_VERSION = GROUP + "/v1alpha1";
    public static final String KIND = "InferenceCluster";
    /** Workers are drained before it goes. */
    public static final String FINALIZER = "barnraiser.org/drain";

    /** Reads a resource; what is wrong with its spec is for {@link SpecCheck} to say. */
    public static InferenceCluster read(Tree resource) {
        Tree metadata = resource.at("metadata");
        return new InferenceCluster(metadata.at("namespace").text(), metadata.at("name").text(),
                metadata.at("uid").text(), metadata.at("generation").number(0),
                metadata.at("resourceVersion").text(), metadata.at("deletionTimestamp").instant(),
                metadata.at("finalizers").items().stream().anyMatch(item -> item.text().equals(FINALIZER)),
                ClusterSpec.read(resource.at("spec")), resource.at("status"));
    }

    /** Of the collection; all namespaces for an empty one. */
    public static String collection(String namespace) {
        return "/apis/" + API_VERSION + (namespace.isEmpty() ? "" : "/namespaces/" + namespace) + "/inferenceclusters";
    }

    public String path() {
        return collection(namespace) + "/" + name;
    }

    public String key() {
        return namespace + "/" + name;
    }
}
