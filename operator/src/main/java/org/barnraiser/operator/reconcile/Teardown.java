package org.barnraiser.operator.reconcile;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import org.barnraiser.operator.crd.Conditions;
import org.barnraiser.operator.crd.InferenceCluster;
import org.barnraiser.operator.crd.Pool;
import org.barnraiser.operator.kube.KubeApi;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.operator.kube.Tree;
import org.barnraiser.operator.manifests.Manifest;
import org.barnraiser.operator.manifests.Names;
import org.barnraiser.operator.manifests.Names.Component;

/**
 * Takes a deleted cluster down in order: coordinators first, which let running answers finish, then workers, then the volumes that are
 * not to be kept; the rest goes with its owner. Gives up after a while, so that nothing stands in the way of a deletion for ever.
 */
final class Teardown {
    /** Nobody is served any more, so there is nothing to move elsewhere. */
    static final int IDLE_GRACE_SECONDS = 5;
    private static final Duration MARGIN = Duration.ofMinutes(2);

    private final KubeApi api;
    private final Events events;

    Teardown(KubeApi api, Events events) {
        this.api = api;
        this.events = events;
    }

    /** One step; to be repeated until the resource is gone. */
    void step(InferenceCluster cluster) throws KubeException {
        if (!cluster.finalizer()) {
            return;
        }
        Names names = Names.of(cluster);
        Instant deadline = cluster.deletingSince().orElseThrow().plus(cluster.spec().drain().multipliedBy(2))
                .plus(MARGIN);
        boolean patient = Instant.now().isBefore(deadline);
        if (patient && !areGone(cluster, "deployments", names, Component.COORDINATOR)) {
            say(cluster, "Coordinators finish their answers.");
        } else if (patient && !areGone(cluster, "statefulsets", names, Component.WORKER)) {
            say(cluster, "Workers are stopping.");
        } else {
            if (!patient) {
                events.warn(cluster, "GaveUp", "Not all pods ended in time; the rest is left to Kubernetes.");
            }
            deleteClaims(cluster, names);
            removeFinalizer(cluster);
        }
    }

    /** Scales to nothing; whether all pods are gone. */
    private boolean areGone(InferenceCluster cluster, String plural, Names names, Component component)
            throws KubeException {
        String collection = Manifest.collection("apps/v1", cluster.namespace(), plural);
        JsonObject none = new JsonObject();
        JsonObject spec = new JsonObject();
        spec.addProperty("replicas", 0);
        none.add("spec", spec);
        for (Tree set : api.list(collection, names.selectorText(component))) {
            if (set.at("spec", "replicas").count(0) != 0) {
                api.mergePatch(collection + "/" + set.at("metadata", "name").text(), none);
            }
        }
        String pods = Manifest.collection("v1", cluster.namespace(), "pods");
        List<Tree> left = api.list(pods, names.selectorText(component));
        if (component == Component.WORKER) {
            stopAtOnce(api, pods, left);
        }
        return left.isEmpty();
    }

    /** Shortens the time that workers of an idle cluster take to leave. */
    static void stopAtOnce(KubeApi api, String collection, List<Tree> pods) throws KubeException {
        for (Tree pod : pods) {
            if (pod.at("metadata", "deletionGracePeriodSeconds").count(Integer.MAX_VALUE) > IDLE_GRACE_SECONDS) {
                api.delete(collection + "/" + pod.at("metadata", "name").text(),
                        OptionalInt.of(IDLE_GRACE_SECONDS));
            }
        }
    }

    private void deleteClaims(InferenceCluster cluster, Names names) throws KubeException {
        String claims = Manifest.collection("v1", cluster.namespace(), "persistentvolumeclaims");
        for (Pool pool : cluster.spec().pools()) {
            if (pool.storage().isEmpty() || !pool.storage().get().deletedWithCluster()) {
                continue;
            }
            String selector = names.selectorText(Component.WORKER) + "," + Names.POOL_LABEL + "=" + pool.name();
            for (Tree claim : api.list(claims, selector)) {
                api.delete(claims + "/" + claim.at("metadata", "name").text(), OptionalInt.empty());
            }
        }
    }

    private void removeFinalizer(InferenceCluster cluster) throws KubeException {
        JsonArray others = new JsonArray();
        Tree now = api.get(cluster.path()).orElse(Tree.NOTHING);
        now.at("metadata", "finalizers").items().stream().map(Tree::text)
                .filter(name -> !name.equals(InferenceCluster.FINALIZER))
                .forEach(name -> others.add(new JsonPrimitive(name)));
        if (now.exists()) {
            api.mergePatch(cluster.path(),
                    metadata("finalizers", others, now.at("metadata", "resourceVersion").text()));
        }
    }

    static JsonObject metadata(String field, JsonArray value, String resourceVersion) {
        JsonObject metadata = new JsonObject();
        metadata.add(field, value);
        metadata.addProperty("resourceVersion", resourceVersion);
        JsonObject patch = new JsonObject();
        patch.add("metadata", metadata);
        return patch;
    }

    private void say(InferenceCluster cluster, String message) throws KubeException {
        JsonObject status = new JsonObject();
        status.addProperty("phase", "Deleting");
        status.add("conditions", new Conditions(cluster.status().at("conditions"), cluster.generation(), Instant.now())
                .put("Ready", false, "Deleting", message).json());
        ClusterReconciler.writeStatus(api, cluster, status);
    }
}
