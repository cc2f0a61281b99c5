package org.barnraiser.operator.reconcile;

import com.google.gson.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.barnraiser.operator.crd.InferenceCluster;
import org.barnraiser.operator.kube.KubeApi;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.operator.manifests.Manifest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells what the operator does, where {@code kubectl describe} shows it. One that cannot be written is only logged. */
final class Events {
    private static final Logger LOG = LoggerFactory.getLogger(Events.class);

    private final KubeApi api;
    private final String identity;

    Events(KubeApi api, String identity) {
        this.api = api;
        this.identity = identity;
    }

    void tell(InferenceCluster cluster, String reason, String message) {
        write(cluster, "Normal", reason, message);
    }

    void warn(InferenceCluster cluster, String reason, String message) {
        write(cluster, "Warning", reason, message);
    }

    private void write(InferenceCluster cluster, String type, String reason, String message) {
        LOG.info("{}: {}", cluster.key(), message);
        Instant at = Instant.now();
        String now = at.truncatedTo(ChronoUnit.SECONDS).toString();
        JsonObject about = new JsonObject();
        about.addProperty("apiVersion", InferenceCluster.API_VERSION);
        about.addProperty("kind", InferenceCluster.KIND);
        about.addProperty("namespace", cluster.namespace());
        about.addProperty("name", cluster.name());
        about.addProperty("uid", cluster.uid());
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", cluster.name() + "." + Long.toHexString(at.toEpochMilli() * 1_000_000
                + System.nanoTime() % 1_000_000));
        metadata.addProperty("namespace", cluster.namespace());
        JsonObject source = new JsonObject();
        source.addProperty("component", KubeApi.FIELD_MANAGER);
        source.addProperty("host", identity);
        JsonObject event = new JsonObject();
        event.addProperty("apiVersion", "v1");
        event.addProperty("kind", "Event");
        event.add("metadata", metadata);
        event.add("involvedObject", about);
        event.add("source", source);
        event.addProperty("type", type);
        event.addProperty("reason", reason);
        event.addProperty("message", message.length() > 1000 ? message.substring(0, 1000) : message);
        event.addProperty("firstTimestamp", now);
        event.addProperty("lastTimestamp", now);
        event.addProperty("count", 1);
        try {
            api.create(Manifest.collection("v1", cluster.namespace(), "events"), event);
        } catch (KubeException e) {
            LOG.warn("An event could not be written: {}", e.getMessage());
        }
    }
}
