package org.barnraiser.operator.manifests;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kubernetes.client.openapi.JSON;
import java.util.List;
import java.util.Map;
import org.barnraiser.operator.crd.InferenceCluster;

/**
 * One object to apply.
 *
 * @param collection the path of its collection
 */
public record Manifest(String collection, String name, JsonObject body) {

    public String path() {
        return collection + "/" + name;
    }

    public String kind() {
        return body.get("kind").getAsString();
    }

    /** Of objects that belong to a cluster: with an owner, so that they go with it. */
    static Manifest of(InferenceCluster owner, String plural, Object model) {
        JsonObject body = JSON.getGson().toJsonTree(model).getAsJsonObject();
        JsonObject metadata = body.getAsJsonObject("metadata");
        metadata.addProperty("namespace", owner.namespace());
        JsonElement reference = JSON.getGson().toJsonTree(List.of(Map.of("apiVersion", InferenceCluster.API_VERSION,
                "kind", InferenceCluster.KIND, "name", owner.name(), "uid", owner.uid(), "controller", true,
                "blockOwnerDeletion", true)));
        metadata.add("ownerReferences", reference);
        body.remove("status");
        prune(body);
        String version = body.get("apiVersion").getAsString();
        return new Manifest(collection(version, owner.namespace(), plural), metadata.get("name").getAsString(), body);
    }

    /** The models write lists that nobody has set, also those that an older server has never heard of. */
    private static void prune(JsonElement json) {
        switch (json) {
            case JsonObject object -> {
                object.asMap().values().removeIf(value -> value.isJsonNull()
                        || (value.isJsonArray() && value.getAsJsonArray().isEmpty()));
                object.asMap().values().forEach(Manifest::prune);
            }
            case JsonArray array -> array.forEach(Manifest::prune);
            default -> {
            }
        }
    }

    /** The path of a collection. */
    public static String collection(String apiVersion, String namespace, String plural) {
        return (apiVersion.contains("/") ? "/apis/" : "/api/") + apiVersion + "/namespaces/" + namespace + "/" + plural;
    }
}
